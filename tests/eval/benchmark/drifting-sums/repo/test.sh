set -e
out=$(printf '1\n2\n3\nx\n4\n' | ./series -w 2)
want="count 4
mean 2.5
deviation 1.29099445
min 1
max 4
last 3.5
skipped 1"
[ "$out" = "$want" ] || { echo "$out"; exit 1; }
