"""Reads and checks ledgers. See README.md."""

import json
import sys


class Damaged(Exception):
    pass


def check_sum(body):
    total = 0
    for byte in body.encode():
        total = (total * 31 + byte) % 65521
    return total


def write(record):
    """The line of a record."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return f"{check_sum(body):05d} {body}"


def read(line):
    total, blank, body = line.partition(" ")
    if not blank or not total.isdigit() or int(total) != check_sum(body):
        raise Damaged("wrong sum")
    return json.loads(body)


def load(path):
    """All records in order; raises Damaged at the first that is wrong."""
    records, balances = [], {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                record = read(line.rstrip("\n"))
            except ValueError as error:
                raise Damaged(f"line {number}: {error}") from error
            except Damaged as error:
                raise Damaged(f"line {number}: {error}") from error
            if record["seq"] != number:
                raise Damaged(f"line {number}: this is record {record['seq']}")
            balance = balances.get(record["who"], 0) + record["amount"]
            balances[record["who"]] = balance
            records.append(record)
    return records


def main(arguments):
    try:
        records = load(arguments[0])
    except (Damaged, UnicodeDecodeError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    balances = {record["who"]: record["balance"] for record in records}
    for who, balance in sorted(balances.items()):
        print(f"{who} {balance}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
