import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from bank import Bank
from bank.interest import pay


class Interest(unittest.TestCase):
    def test_interest(self):
        bank = Bank()
        bank.open("game", 1000)
        bank.open("a", 1500)
        bank.open("b", 10)
        self.assertEqual(pay(bank, ["a", "b"], "game", 20), {"a": 30})
        self.assertEqual((bank.balance("game"), bank.balance("a"), bank.total()), (970, 1530, 2510))


if __name__ == "__main__":
    unittest.main()
