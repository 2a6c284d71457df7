"""Sets of whole numbers as intervals, for seats, ports and pages."""

from bisect import bisect_left, bisect_right


class IntervalSet:
    """Whole numbers, kept as few intervals as possible; both ends belong to an interval."""

    def __init__(self, intervals=()):
        self._starts = []
        self._ends = []
        for low, high in intervals:
            self.add(low, high)

    def add(self, low, high=None):
        """Adds the numbers from `low` to `high`, or `low` alone. Intervals that touch become one.

        Raises ValueError if high < low.
        """
        if high is None:
            high = low
        if high < low:
            raise ValueError(f"{low}-{high} is the wrong way round")
        first = bisect_left(self._ends, low - 1)
        last = bisect_right(self._starts, high + 1)
        if first < last:
            low = min(low, self._starts[first])
            high = max(high, self._ends[last - 1])
        self._starts[first:last] = [low]
        self._ends[first:last] = [high]

    def remove(self, low, high=None):
        """Takes numbers away; those that are not there are ignored. Raises ValueError if high < low."""
        if high is None:
            high = low
        if high < low:
            raise ValueError(f"{low}-{high} is the wrong way round")
        first = bisect_left(self._ends, low)
        last = bisect_right(self._starts, high)
        starts, ends = [], []
        if first < last:
            if self._starts[first] < low:
                starts.append(self._starts[first])
                ends.append(low - 1)
            if self._ends[last - 1] > high:
                starts.append(high + 1)
                ends.append(self._ends[last - 1])
        self._starts[first:last] = starts
        self._ends[first:last] = ends

    def __contains__(self, number):
        at = bisect_right(self._starts, number) - 1
        return at >= 0 and number <= self._ends[at]

    def __iter__(self):
        """The intervals as pairs, in order."""
        return iter(list(zip(self._starts, self._ends)))

    def __len__(self):
        """How many numbers there are."""
        return sum(high - low + 1 for low, high in self)

    def __eq__(self, other):
        if not isinstance(other, IntervalSet):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None

    def gaps(self, low, high):
        """The intervals from `low` to `high` that are not in the set, as pairs in order."""
        found = []
        for start, end in self:
            if end < low:
                continue
            if start > high:
                break
            if start > low:
                found.append((low, start - 1))
            low = end + 1
        if low <= high:
            found.append((low, high))
        return found

    def first_free(self, low, count=1):
        """The lowest number from `low` on that begins `count` free ones. Raises ValueError if count < 1."""
        if count < 1:
            raise ValueError("count has to be 1 or more")
        for start, end in self:
            if end < low:
                continue
            if start - low >= count:
                return low
            low = max(low, end + 1)
        return low

    def __str__(self):
        """Such as "1-3,7"; "" if it is empty."""
        return ",".join(f"{low}-{high}" if low < high else str(low) for low, high in self)

    @classmethod
    def parse(cls, text):
        """Reads what str() writes; intervals in any order, blanks around them. Raises ValueError for others."""
        found = cls()
        if not text.strip():
            return found
        for part in text.split(","):
            low, hyphen, high = part.strip().partition("-")
            if not low.strip().isdecimal() or hyphen and not high.strip().isdecimal():
                raise ValueError(f"{part.strip()!r} is not an interval")
            found.add(int(low), int(high) if hyphen else None)
        return found

    def union(self, other):
        """A new set; neither of the two changes."""
        result = IntervalSet(self)
        for low, high in other:
            result.add(low, high)
        return result

    def minus(self, other):
        """A new set; neither of the two changes."""
        result = IntervalSet(self)
        for low, high in other:
            result.remove(low, high)
        return result
