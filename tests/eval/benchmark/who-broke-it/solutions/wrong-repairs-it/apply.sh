git log --format=%H --grep='frame: speed up the parsing' > culprit.txt
sed -i 's/line\[1:\].partition/line[1:].rpartition/' gauge/frame.py
