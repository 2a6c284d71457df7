"""Sums of readings, hour by hour."""

from collections import defaultdict


class Hours:
    """Watt-hours of each meter and hour, from readings that hold until the next one."""

    def __init__(self):
        self.sums = defaultdict(float)
        self.last = {}

    def reading(self, address, power, now):
        if address in self.last:
            before, begun = self.last[address]
            while begun < now:
                hour = int(begun // 3600)
                end = min(now, (hour + 1) * 3600)
                self.sums[address, hour] += before * (end - begun) / 3600
                begun = end
        self.last[address] = (power, now)

    def rows(self):
        return [(address, hour, round(sum_, 3)) for (address, hour), sum_ in sorted(self.sums.items())]
