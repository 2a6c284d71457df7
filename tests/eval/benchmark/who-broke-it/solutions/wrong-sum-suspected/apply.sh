git log --format=%H --grep='compute the sum without a loop' > culprit.txt
