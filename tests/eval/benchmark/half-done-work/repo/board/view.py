"""The board as text, one column of text for each column of cards."""

import shutil
import textwrap


def heading(column, width):
    return column.upper()[:width].ljust(width)


def cell(entries, width):
    rows = []
    for number, text in entries:
        mark = f"#{number} "
        rows += textwrap.wrap(mark + text, width, subsequent_indent=" " * len(mark))
    return rows


def show(board, width=None):
    width = width or shutil.get_terminal_size((80, 24)).columns
    each = (width - 2 * (len(board.columns) - 1)) // len(board.columns)
    longest = max(len(text) for _, text in [(n, c["text"]) for n, c in board.cards.items()])
    each = max(8, min(each, longest + 5))
    cells = [cell(board.in_column(column), each) for column in board.columns]
    rows = ["  ".join(heading(column, each) for column in board.columns).rstrip()]
    for at in range(max(len(rows_of) for rows_of in cells)):
        row = "  ".join((rows_of[at] if at < len(rows_of) else "").ljust(each) for rows_of in cells)
        rows.append(row.rstrip())
    return "\n".join(rows) + "\n"
