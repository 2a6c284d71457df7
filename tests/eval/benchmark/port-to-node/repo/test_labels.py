import unittest

from labels import age, fee, labels, mean_age, shelf, title, wrap

MEMBERS = [
    {"name": "o'neill-SMITH", "group": "Group 10", "born": [1990, 5, 3]},
    {"name": "zoë", "group": "Group 9", "born": [2001, 12, 31]},
]


class Labels(unittest.TestCase):
    def test_all(self):
        self.assertEqual(age((2000, 2, 29), (2026, 2, 28)), 25)
        self.assertEqual(fee(1000, 3, 12), 333)
        self.assertEqual(shelf(7, 3), (2, 1))
        self.assertEqual(wrap("a bc def", 4), ["a bc", "def"])
        self.assertEqual(title("o'neill-SMITH"), "O'Neill-Smith")
        self.assertEqual(labels(MEMBERS, (2026, 1, 1))[0], ["Zoë", "Group 9, 24"])
        self.assertEqual(mean_age(MEMBERS, (2026, 1, 1)), "29.5")


if __name__ == "__main__":
    unittest.main()
