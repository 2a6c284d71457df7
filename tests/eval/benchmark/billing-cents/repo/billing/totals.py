"""The sums of an order."""

from decimal import Decimal

from billing.model import Totals
from billing.money import round_cents


def total_of(order):
    totals = Totals(shipping=order.shipping_cents)
    taxed = {}
    for line in order.lines:
        gross = round_cents(line.quantity * line.unit_cents)
        net = round_cents(gross - gross * order.discount / 100)
        totals.gross_lines.append(gross)
        totals.net_lines.append(net)
        taxed[line.rate] = taxed.get(line.rate, 0) + gross
    if order.exempt:
        return totals
    if taxed and order.shipping_cents:
        highest = max(taxed)
        taxed[highest] += order.shipping_cents
    for rate, sum_of_rate in sorted(taxed.items()):
        totals.taxes[rate] = round_cents(Decimal(sum_of_rate) * rate / 100)
    return totals
