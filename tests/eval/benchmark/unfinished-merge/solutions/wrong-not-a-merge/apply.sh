rm .git/MERGE_HEAD
git add -A
git -c user.name=Robin -c user.email=robin@example.com commit -q -a -m "Merge branch 'guards'"
