git log --format=%H --grep='meter: tidy up the counting' > culprit.txt
