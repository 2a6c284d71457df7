import io
import json
import os
import subprocess
import sys
import tempfile

def run(order):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "o.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"orders": [dict(order, number=1)]}, file)
        ended = subprocess.run([sys.executable, "-B", "-m", "billing", path, "1"], capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

def amounts(text):
    found = {}
    for row in text.splitlines():
        if len(row) == 48 and not row.startswith("-"):
            found[row[:36].rstrip()] = row[36:].strip()
    return found

def order(lines, exempt=None, **more):
    customer = {"name": "N"}
    if exempt is not None:
        customer["tax_exempt"] = exempt
    return dict({"customer": customer,
                 "lines": [{"article": "a", "quantity": q, "price": p, "tax": r} for q, p, r in lines]}, **more)

def same(got, want):
    assert got == want, (got, want)

def check():
    exported = subprocess.run([sys.executable, "-B", "-m", "billing", "data/orders.json", "1007"],
                              capture_output=True, text=True).stdout
    same(exported, """INVOICE 1007
Atelier North
------------------------------------------------
3.25 x Linen                               86.52
1 x Pattern book                           18.90
10 x Thread                                 6.50
------------------------------------------------
Discount 10%                              -11.19
Shipping                                    4.90
Tax 10%                                     1.70
Tax 20%                                    17.72
TOTAL                                     125.05

""")
    for exempt in ("no", "", None, False):
        same(amounts(run(order([("1", "10.00", "20")], exempt)))["TOTAL"], "12.00")
    for exempt in ("yes", True):
        same(amounts(run(order([("1", "10.00", "20")], exempt, shipping="5.00")))["TOTAL"], "15.00")
    # Half a cent up: a line, a discounted line, a tax.
    same(amounts(run(order([("0.5", "0.85", "0")])))["0.5 x a"], "0.43")
    same(amounts(run(order([("0.5", "0.81", "0")])))["TOTAL"], "0.41")
    same(amounts(run(order([("1", "0.25", "0")], discount="50")))["TOTAL"], "0.13")
    same(amounts(run(order([("1", "0.45", "10")])))["Tax 10%"], "0.05")
    same(amounts(run(order([("1", "0.05", "10")])))["Tax 10%"], "0.01")
    # Tax of the sum of a rate, not line by line, and on discounted prices.
    same(amounts(run(order([("1", "0.04", "10"), ("1", "0.04", "10")])))["Tax 10%"], "0.01")
    same(amounts(run(order([("1", "100.00", "20")], discount="25")))["TOTAL"], "90.00")
    same(amounts(run(order([("1", "100.00", "20")], discount="25", shipping="10.00")))["Tax 20%"], "17.00")
    same(amounts(run(order([("1", "1.00", "10"), ("1", "1.00", "20")], shipping="0.03")))["Tax 20%"], "0.21")

check()
print("passed")
