import os
import sys
import unittest
from datetime import date

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from shelf.dates import BadDay, parse_day
from shelf.lots import Lot
from shelf.plan import plan


class Days(unittest.TestCase):
    def test_three_ways(self):
        for text in ("2026-03-09", "09.03.2026", "3/9/2026", " 9.3.2026 "):
            self.assertEqual(parse_day(text), date(2026, 3, 9))

    def test_no_days(self):
        for text in ("", "2026-02-30", "13/1/2026", "9.3.26"):
            with self.assertRaises(BadDay):
                parse_day(text)


class Plan(unittest.TestCase):
    def test_what_expires_soon_is_listed(self):
        lots = [Lot("b", "x", date(2026, 3, 1), date(2026, 3, 12)), Lot("a", "x", date(2026, 3, 1), date(2026, 3, 10))]
        self.assertEqual([lot.lot for lot in plan(lots, date(2026, 3, 9))], ["a", "b"])


if __name__ == "__main__":
    unittest.main()
