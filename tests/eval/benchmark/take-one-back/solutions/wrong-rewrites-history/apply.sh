git add -A
git -c user.name=R -c user.email=r@example.com commit -q --amend -m 'docs: describe the columns of the members'
