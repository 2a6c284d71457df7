"""Numbers about the lots."""

from collections import Counter


def by_article(lots):
    """How many lots there are of each article, the most first."""
    return sorted(Counter(lot.article for lot in lots).items(), key=lambda one: (-one[1], one[0]))


def mean_days(lots):
    """The mean of the days between receiving and best-before; None without lots."""
    days = [(lot.best_before - lot.received).days for lot in lots]
    return sum(days) / len(days) if days else None


def wasted(lots, on):
    """The articles of which a lot has expired."""
    return sorted({lot.article for lot in lots if lot.best_before < on})
