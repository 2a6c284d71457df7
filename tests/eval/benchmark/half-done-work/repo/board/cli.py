"""The command line."""

import sys

from board.store import Board, UnknownCard
from board.view import show

USAGE = """usage: python3 -m board COMMAND
commands: show, add COLUMN TEXT..., move CARD COLUMN, remove CARD
"""


class BadUsage(Exception):
    pass


def main(arguments, out=sys.stdout, err=sys.stderr):
    path = "board.json"
    if arguments[:1] == ["-f"] and len(arguments) > 1:
        path, arguments = arguments[1], arguments[2:]
    board = Board.load(path)
    try:
        run(board, arguments, out)
    except UnknownCard as error:
        print(f"board: there is no card {error}", file=err)
        return 2
    except BadUsage:
        err.write(USAGE)
        return 2
    if arguments[0] != "show":
        board.save(path)
    return 0


def run(board, arguments, out):
    match arguments:
        case ["show"]:
            out.write(show(board))
        case ["add", column, *words] if words:
            print(board.add(column, " ".join(words)), file=out)
        case ["move", number, column] if number.isdigit():
            board.move(int(number), column)
        case ["remove", number] if number.isdigit():
            board.remove(int(number))
        case _:
            raise BadUsage
