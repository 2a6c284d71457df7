"""The board for other programs."""

import csv
import json


def to_csv(board, file):
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["card", "column", "text"])
    for column in board.columns:
        for number, text in board.in_column(column):
            writer.writerow([number, column, text])


def to_markdown(board):
    rows = []
    for column in board.columns:
        rows.append(f"## {column}\n")
        rows += [f"- {text} (#{number})" for number, text in board.in_column(column)]
        rows.append("")
    return "\n".join(rows)


def to_json(board):
    return json.dumps({column: dict(board.in_column(column)) for column in board.columns}, ensure_ascii=False)
