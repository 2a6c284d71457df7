"""What the office runs: python3 print_labels.py MEMBERS.json YYYY-MM-DD"""

import json
import sys

from labels import labels, mean_age, shelf

PER_ROW = 3
WIDTH = 20


def sheet(all_labels, first=0):
    """Labels in rows of a sheet; `first` is the label at which a used sheet goes on."""
    rows = {}
    for at, lines in enumerate(all_labels):
        row, column = shelf(at + first, PER_ROW)
        rows.setdefault(row, {})[column] = lines
    out = []
    for row in sorted(rows):
        height = max(len(lines) for lines in rows[row].values())
        for line in range(height):
            cells = []
            for column in range(PER_ROW):
                lines = rows[row].get(column, [])
                cells.append((lines[line] if line < len(lines) else "").ljust(WIDTH))
            out.append(" ".join(cells).rstrip())
        out.append("")
    return out


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        members = json.load(file)
    today = tuple(int(part) for part in arguments[1].split("-"))
    for line in sheet(labels(members, today, WIDTH)):
        print(line)
    print(f"mean age: {mean_age(members, today)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
