import unittest
from decimal import Decimal

from billing.model import Line, Order
from billing.money import AmountError, to_cents, written
from billing.render import render
from billing.totals import total_of


def order(*lines, **more):
    return Order("1", "Test", tuple(Line("a", Decimal(q), c, Decimal(r)) for q, c, r in lines), **more)


class Totals(unittest.TestCase):
    def test_two_rates(self):
        totals = total_of(order(("2", 1000, "20"), ("1", 500, "10")))
        self.assertEqual((totals.net, totals.tax, totals.total), (2500, 450, 2950))

    def test_exempt_customers_pay_no_tax(self):
        totals = total_of(order(("2", 1000, "20"), exempt=True, shipping_cents=490))
        self.assertEqual((totals.tax, totals.total), (0, 2490))

    def test_shipping_is_taxed_with_the_highest_rate(self):
        totals = total_of(order(("1", 1000, "10"), ("1", 1000, "20"), shipping_cents=500))
        self.assertEqual(totals.taxes, {Decimal(10): 100, Decimal(20): 300})

    def test_amounts(self):
        self.assertEqual(to_cents("12.5"), 1250)
        self.assertEqual(written(-5), "-0.05")
        with self.assertRaises(AmountError):
            to_cents("1.005")

    def test_output(self):
        one = order(("1.50", 1000, "20"))
        self.assertIn("1.5 x a", render(one, total_of(one)))


if __name__ == "__main__":
    unittest.main()
