fail() { echo "$1"; exit 1; }
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
cp Makefile *.c *.h *.txt *.sh "$tmp" 2>/dev/null
cp hidden/units.txt hidden/mkunits.sh "$tmp"
cd "$tmp"
make clean > /dev/null 2>&1
rm -f units.c units.h *.o tracks
plan=$(make -n 2>/dev/null)
for object in main track geo report units; do
	line=$(echo "$plan" | grep -e "$object\\.c" | grep -v mkunits)
	case $line in *-Wall*-Wextra*-Werror*) ;; *) fail "$object.c is not compiled with -Wall -Wextra -Werror" ;; esac
	case $line in *-Wno-*|*-w\ *) fail "a warning was switched off" ;; esac
done
cat *.c *.h | grep -q 'diagnostic' && fail "a warning was switched off"
make -j4 > log 2>&1 || { cat log; fail "make -j4 fails"; }
cp units.c before
make -j4 > /dev/null 2>&1
cmp -s units.c before || fail "building again changed units.c"
run() { printf "$2" | ./tracks $1 2>&1; }
want() { [ "$1" = "$2" ] || fail "got $1 instead of $2"; }
want "$(run '' '0 0 10\n0 1 3610\n')" "2 points, 111195.1 m
1:00:00
111.2 km/h"
want "$(run knots '0 0 0\n0 1 3000000000\n')" "2 points, 111195.1 m
833333:20:00
0.0 kn"
want "$(run ms '')" "0 points, 0.0 m
0:00:00"
want "$(run ms '1 1 77\n')" "1 points, 0.0 m
0:00:00"
want "$(run furlongs '')" "tracks: there is no unit furlongs"
want "$(run kmh '0 0 1\n0 x 2\n')" "tracks: line 2 is not a point"
i=0; while [ $i -lt 40 ]; do echo "0 0 $i"; i=$((i + 1)); done > many
want "$(./tracks ms < many | head -n 2 | tail -n 1)" "0:00:39"
touch -d '2001-01-01' *.o units.c tracks 2>/dev/null
printf 'kmh 3.6 kph\n' > units.txt
make > log 2>&1 || { cat log; fail "building after a change of units.txt"; }
want "$(run kmh '0 0 10\n0 1 3610\n' | tail -n 1)" "111.2 kph"
