git log --format=%H --grep='frame: speed up the parsing' > culprit.txt
