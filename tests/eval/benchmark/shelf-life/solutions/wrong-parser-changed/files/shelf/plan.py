"""The lots that have to go, in order."""

from datetime import timedelta

from shelf.dates import write_day


def plan(lots, on, days=7):
    last = on + timedelta(days=days)
    due = [lot for lot in lots if lot.best_before <= last]
    due.sort(key=lambda lot: (lot.best_before, lot.received, lot.lot))
    return due


def render(due, on):
    rows = []
    for lot in due:
        mark = "!" if lot.best_before < on else " "
        rows.append(f"{mark} {write_day(lot.best_before)}  {lot.lot:<10} {lot.article}")
    return "\n".join(rows) + ("\n" if rows else "nothing has to go\n")
