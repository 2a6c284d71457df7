"""The free seats of a hall. It uses intervals.py as most programs do."""

from intervals import IntervalSet


class SoldOut(Exception):
    pass


class Row:
    """One row of seats, numbered from 1."""

    def __init__(self, name, seats, broken=""):
        self.name = name
        self.seats = seats
        self.taken = IntervalSet.parse(broken)

    def book(self, count):
        """Books seats beside each other; returns the first and the last."""
        first = self.taken.first_free(1, count)
        last = first + count - 1
        if last > self.seats:
            raise SoldOut(self.name)
        self.taken.add(first, last)
        return first, last

    def give_back(self, first, last):
        self.taken.remove(first, last)

    def free(self):
        return self.taken.gaps(1, self.seats)


class Hall:
    def __init__(self, rows):
        self.rows = list(rows)

    def book(self, count):
        """Books seats in the first row that has them; returns the row and the seats."""
        for row in self.rows:
            try:
                return row.name, *row.book(count)
            except SoldOut:
                continue
        raise SoldOut("the hall")

    def plan(self):
        lines = []
        for row in self.rows:
            seats = ("x" if seat in row.taken else "." for seat in range(1, row.seats + 1))
            lines.append(f"{row.name} {''.join(seats)}")
        return "\n".join(lines)
