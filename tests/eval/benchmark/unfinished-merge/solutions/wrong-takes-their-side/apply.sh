git checkout -q --theirs . 
git -c user.name=Robin -c user.email=robin@example.com commit -q -a -m "Merge branch 'guards'"
