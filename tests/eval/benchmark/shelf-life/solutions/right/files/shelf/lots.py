"""The lots of delivery notes."""

import csv
from dataclasses import dataclass
from datetime import date

from shelf.dates import parse_day


@dataclass(frozen=True)
class Lot:
    lot: str
    article: str
    received: date
    best_before: date


class Lots:
    """All lots by their number; later rows replace earlier ones."""

    def __init__(self):
        self._lots = {}

    def read(self, path):
        with open(path, newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                self.put(_lot(row))

    def put(self, lot):
        self._lots[lot.lot] = lot

    def __iter__(self):
        return iter(self._lots.values())

    def __len__(self):
        return len(self._lots)


def _lot(row):
    return Lot(
        lot=row["lot"].strip(),
        article=row["article"].strip(),
        received=parse_day(row["received"]),
        best_before=parse_day(row["best_before"]),
    )
