import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from slugs import slug


class Slugs(unittest.TestCase):
    def test_plain_letters(self):
        self.assertEqual(slug("Crème brûlée!"), "creme-brulee")
        self.assertEqual(slug("Łódź & Ærø"), "lodz-aero")

    def test_length(self):
        self.assertEqual(slug("one two three", 8), "one-two")


if __name__ == "__main__":
    unittest.main()
