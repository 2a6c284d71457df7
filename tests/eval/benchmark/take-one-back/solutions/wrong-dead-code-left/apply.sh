git add -A
git -c user.name=Robin -c user.email=robin@example.com commit -q -m 'send: a message for everybody again'
