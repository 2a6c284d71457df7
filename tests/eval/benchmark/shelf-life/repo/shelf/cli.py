"""The command line."""

import argparse
import sys

from shelf.dates import BadDay, parse_day
from shelf.lots import Lots
from shelf.plan import plan, render


def main(arguments):
    parser = argparse.ArgumentParser(prog="shelf")
    commands = parser.add_subparsers(dest="command", required=True)
    planning = commands.add_parser("plan", help="list the lots that have to go")
    planning.add_argument("notes", nargs="+", metavar="NOTE.csv")
    planning.add_argument("--on", required=True, metavar="DAY")
    planning.add_argument("--days", type=int, default=7)
    options = parser.parse_args(arguments)
    lots = Lots()
    try:
        on = parse_day(options.on)
        for note in options.notes:
            lots.read(note)
    except (BadDay, OSError) as error:
        print(f"shelf: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(render(plan(lots, on, options.days), on))
    return 0
