import unittest

from intervals import IntervalSet


def pairs(*intervals):
    return list(IntervalSet(intervals))


class Adding(unittest.TestCase):
    def test_single_numbers(self):
        numbers = IntervalSet()
        numbers.add(5)
        self.assertEqual(list(numbers), [(5, 5)])

    def test_order_and_apart(self):
        self.assertEqual(pairs((7, 9), (1, 2), (4, 5)), [(1, 2), (4, 5), (7, 9)])

    def test_touching(self):
        self.assertEqual(pairs((1, 2), (3, 4)), [(1, 4)])
        self.assertEqual(pairs((3, 4), (1, 2)), [(1, 4)])
        self.assertEqual(pairs((1, 2), (5, 6), (3, 4)), [(1, 6)])

    def test_overlaps(self):
        self.assertEqual(pairs((3, 6), (1, 4)), [(1, 6)])
        self.assertEqual(pairs((1, 4), (3, 6)), [(1, 6)])
        self.assertEqual(pairs((1, 9), (3, 4)), [(1, 9)])
        self.assertEqual(pairs((3, 4), (1, 9)), [(1, 9)])
        self.assertEqual(pairs((1, 2), (5, 6), (9, 12), (2, 9)), [(1, 12)])

    def test_wrong_way_round(self):
        for change in (IntervalSet().add, IntervalSet([(1, 9)]).remove):
            with self.assertRaises(ValueError):
                change(5, 4)


class Removing(unittest.TestCase):
    def left(self, low, high=None):
        numbers = IntervalSet([(1, 5), (8, 8), (10, 15)])
        numbers.remove(low, high)
        return str(numbers)

    def test_all_ways(self):
        self.assertEqual(self.left(3), "1-2,4-5,8,10-15")
        self.assertEqual(self.left(1), "2-5,8,10-15")
        self.assertEqual(self.left(5), "1-4,8,10-15")
        self.assertEqual(self.left(8), "1-5,10-15")
        self.assertEqual(self.left(6, 7), "1-5,8,10-15")
        self.assertEqual(self.left(5, 10), "1-4,11-15")
        self.assertEqual(self.left(0, 99), "")
        self.assertEqual(self.left(2, 12), "1,13-15")


class Asking(unittest.TestCase):
    numbers = IntervalSet([(3, 5), (8, 8)])

    def test_contains(self):
        self.assertEqual([n for n in range(12) if n in self.numbers], [3, 4, 5, 8])
        self.assertNotIn(1, IntervalSet())

    def test_len(self):
        self.assertEqual((len(self.numbers), len(IntervalSet())), (4, 0))

    def test_equal(self):
        self.assertEqual(IntervalSet([(1, 2), (3, 4)]), IntervalSet([(1, 4)]))
        self.assertNotEqual(IntervalSet([(1, 2)]), IntervalSet([(1, 3)]))
        self.assertFalse(IntervalSet([(1, 2)]) == [(1, 2)])

    def test_gaps(self):
        self.assertEqual(self.numbers.gaps(1, 10), [(1, 2), (6, 7), (9, 10)])
        self.assertEqual(self.numbers.gaps(3, 8), [(6, 7)])
        self.assertEqual(self.numbers.gaps(4, 9), [(6, 7), (9, 9)])
        self.assertEqual(self.numbers.gaps(6, 7), [(6, 7)])
        self.assertEqual(self.numbers.gaps(1, 3), [(1, 2)])
        self.assertEqual(self.numbers.gaps(9, 11), [(9, 11)])
        self.assertEqual(self.numbers.gaps(4, 5), [])

    def test_first_free(self):
        free = self.numbers.first_free
        self.assertEqual([free(1), free(1, 2), free(1, 3), free(3), free(4, 2), free(6, 3), free(20, 9)], [1, 1, 6, 6, 6, 9, 20])
        self.assertEqual(free(8), 9)
        for count in (0, -1):
            with self.assertRaises(ValueError):
                free(1, count)


class Text(unittest.TestCase):
    def test_written(self):
        self.assertEqual(str(IntervalSet([(7, 7), (1, 3)])), "1-3,7")
        self.assertEqual(str(IntervalSet()), "")

    def test_read(self):
        for text, written in (("1-3,7", "1-3,7"), (" 9 , 1-2,3 ", "1-3,9"), ("", ""), ("  ", "")):
            self.assertEqual(str(IntervalSet.parse(text)), written)
        for text in ("a", "1,", "1-", "-1", "1-2-3", "1 2", "3-1", "1-x"):
            with self.assertRaises(ValueError):
                IntervalSet.parse(text)


class Together(unittest.TestCase):
    def test_new_sets(self):
        one, two = IntervalSet([(1, 5)]), IntervalSet([(4, 8)])
        self.assertEqual(str(one.union(two)), "1-8")
        self.assertEqual(str(one.minus(two)), "1-3")
        self.assertEqual((str(one), str(two)), ("1-5", "4-8"))
