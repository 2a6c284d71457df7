import os
import subprocess
import sys

with open("hidden/good.txt", "rb") as file:
    wanted = file.read().splitlines(keepends=True)
with open("data/ledger.txt", "rb") as file:
    got = file.read().splitlines(keepends=True)
for number, (one, other) in enumerate(zip(got, wanted), 1):
    assert one == other, f"line {number} is {one!r}, and was {other!r} before the damage"
assert len(got) == len(wanted), f"there are {len(got)} lines instead of {len(wanted)}"
changed = subprocess.run(["git", "diff", "--name-only", "HEAD"], capture_output=True, text=True, 
                         env=dict(os.environ, GIT_OPTIONAL_LOCKS="0")).stdout.split()
assert set(changed) <= {"data/ledger.txt"}, f"{changed} were changed"
print("passed")
