"""An invoice as text. The accounting system reads this, column by column."""

from billing.money import written

WIDTH = 48


def render(order, totals):
    rows = [f"INVOICE {order.number}", order.customer, "-" * WIDTH]
    for line, gross in zip(order.lines, totals.gross_lines):
        label = f"{_quantity(line.quantity)} x {line.article}"
        rows.append(_row(label, gross))
    rows.append("-" * WIDTH)
    taken = sum(totals.gross_lines) - totals.net
    if taken:
        rows.append(_row(f"Discount {order.discount.normalize():f}%", -taken))
    if order.shipping_cents:
        rows.append(_row("Shipping", totals.shipping))
    for rate, cents in totals.taxes.items():
        rows.append(_row(f"Tax {rate.normalize():f}%", cents))
    rows.append(_row("TOTAL", totals.total))
    return "\n".join(rows) + "\n\n"


def _row(label, cents):
    amount = written(cents)
    return f"{label[: WIDTH - 12]:<{WIDTH - 12}}{amount:>12}"


def _quantity(quantity):
    return f"{quantity.normalize():f}"
