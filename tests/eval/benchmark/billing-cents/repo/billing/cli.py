"""The command line: which order of which file."""

import sys

from billing.loader import LoadError, load_orders
from billing.render import render
from billing.totals import total_of

USAGE = "usage: python3 -m billing ORDERS.json NUMBER [NUMBER ...]"


def main(arguments, out=sys.stdout, err=sys.stderr):
    if len(arguments) < 2:
        print(USAGE, file=err)
        return 2
    path, *numbers = arguments
    try:
        orders = {order.number: order for order in load_orders(path)}
    except LoadError as error:
        print(f"billing: {error}", file=err)
        return 1
    for number in numbers:
        order = orders.get(number)
        if order is None:
            print(f"billing: there is no order {number} in {path}", file=err)
            return 1
        out.write(render(order, total_of(order)))
    return 0
