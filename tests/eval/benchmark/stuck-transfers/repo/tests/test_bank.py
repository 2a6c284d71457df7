import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from bank import Bank, Frozen, NotEnough


class Transfers(unittest.TestCase):
    def setUp(self):
        self.bank = Bank()
        self.bank.open("a", 100)
        self.bank.open("b", 50, limit=-20)

    def test_transfer(self):
        self.bank.transfer("a", "b", 30)
        self.assertEqual((self.bank.balance("a"), self.bank.balance("b"), self.bank.total()), (70, 80, 150))

    def test_limits(self):
        with self.assertRaises(NotEnough):
            self.bank.transfer("b", "a", 71)
        self.bank.freeze("a")
        with self.assertRaises(Frozen):
            self.bank.transfer("a", "b", 1)
        self.assertEqual(self.bank.total(), 150)

    def test_move_all(self):
        self.bank.open("c")
        self.bank.move_all(["a", "b"], "c")
        self.assertEqual(self.bank.balance("c"), 150)


if __name__ == "__main__":
    unittest.main()
