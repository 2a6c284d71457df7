import unittest

from intervals import IntervalSet


class Intervals(unittest.TestCase):
    def test_add(self):
        numbers = IntervalSet([(1, 3), (2, 5)])
        self.assertEqual(list(numbers), [(1, 5)])
        numbers.add(6)
        self.assertEqual(list(numbers), [(1, 6)])
        with self.assertRaises(ValueError):
            numbers.add(3, 1)

    def test_remove(self):
        numbers = IntervalSet([(1, 9)])
        numbers.remove(4, 5)
        self.assertEqual(list(numbers), [(1, 3), (6, 9)])

    def test_contains(self):
        numbers = IntervalSet([(1, 3), (7, 7)])
        self.assertIn(1, numbers)
        self.assertIn(3, numbers)
        self.assertNotIn(4, numbers)
        self.assertEqual(len(numbers), 4)

    def test_gaps(self):
        self.assertEqual(IntervalSet([(3, 5)]).gaps(1, 9), [(1, 2), (6, 9)])

    def test_first_free(self):
        self.assertEqual(IntervalSet([(1, 5)]).first_free(1), 6)

    def test_text(self):
        self.assertEqual(str(IntervalSet.parse("1-3, 7")), "1-3,7")
        with self.assertRaises(ValueError):
            IntervalSet.parse("x")

    def test_union_and_minus(self):
        one, two = IntervalSet([(1, 5)]), IntervalSet([(4, 8)])
        self.assertEqual(list(one.union(two)), [(1, 8)])
        self.assertEqual(list(one.minus(two)), [(1, 3)])
