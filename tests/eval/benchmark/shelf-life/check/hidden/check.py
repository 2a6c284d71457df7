import os
import subprocess
import sys
import tempfile

def shelf(*arguments):
    ended = subprocess.run([sys.executable, "-B", "-m", "shelf", "plan", *arguments], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout

def same(got, want):
    assert got == want, f"got:\n{got}\nwanted:\n{want}"

NOTES = ["notes/01-dairy.csv", "notes/02-overseas.csv"]
same(shelf(*NOTES, "--on", "2026-03-09"), """  2026-03-09  D-102      Quark
  2026-03-12  S-77       Coconut milk
  2026-03-15  D-101      Yoghurt
  2026-03-16  S-78       Mango pulp
  2026-03-16  S-79       Lime juice
""")
same(shelf(*NOTES, "--on", "3/13/2026", "--days", "0"), """! 2026-03-09  D-102      Quark
! 2026-03-12  S-77       Coconut milk
""")
# The other way round the older row is the last one.
assert "S-78" not in shelf(*reversed(NOTES), "--on", "2026-03-09")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "n.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write("lot,article,received,best_before\n"
                   "z,A,2026-02-28,2026-05-01\ny,B,2026-03-05,1.5.2026\nx,C,10.3.2026,5/1/2026\n"
                   "w,D,2025-12-31,2026-05-01\nv,E,2026-03-05,2026-05-01\n")
    order = [row.split()[1] for row in shelf(path, "--on", "2026-05-01").splitlines()]
    same(order, ["w", "z", "v", "y", "x"])
    same(shelf(path, "--on", "2026-04-23").strip(), "nothing has to go")
sys.path.insert(0, os.getcwd())
from datetime import date
from shelf.dates import BadDay, parse_day
for text in ("2026-03-09", "09.03.2026", "3/9/2026", " 9.3.2026 "):
    same(parse_day(text), date(2026, 3, 9))
for text in ("13/1/2026", "9/31/2026", "30.2.2026", "9.3.26"):
    try:
        parse_day(text)
    except BadDay:
        continue
    raise AssertionError(text)
print("passed")
