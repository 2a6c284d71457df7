"""Free ports of a machine, another user of intervals.py."""

from intervals import IntervalSet

RESERVED = IntervalSet.parse("0-1023,5432,6000-6063")


def free_ports(used, count, low=1024, high=65535):
    """The first `count` free ports beside each other, as a pair; None if there are none."""
    taken = RESERVED.union(IntervalSet((port, port) for port in used))
    first = taken.first_free(low, count)
    return (first, first + count - 1) if first + count - 1 <= high else None
