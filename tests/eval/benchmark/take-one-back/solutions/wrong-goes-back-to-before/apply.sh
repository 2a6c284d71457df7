git checkout -q main~6 -- mailer/send.py mailer/members.py CHANGES.md tests
git add -A
git -c user.name=Robin -c user.email=robin@example.com commit -q -m 'send: a message for everybody again'
