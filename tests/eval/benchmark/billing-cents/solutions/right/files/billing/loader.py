"""Reads the export of the shop."""

import json
from decimal import Decimal, InvalidOperation

from billing.model import Line, Order
from billing.money import AmountError, to_cents


class LoadError(Exception):
    pass


def load_orders(path):
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file, parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise LoadError(f"{path} cannot be read: {error}") from error
    return [_order(entry) for entry in document["orders"]]


def _order(entry):
    number = str(entry.get("number", "?"))
    try:
        return Order(
            number=number,
            customer=entry["customer"]["name"],
            lines=tuple(_line(line) for line in entry["lines"]),
            discount=_percent(entry.get("discount", "0")),
            shipping_cents=to_cents(entry.get("shipping", "0")),
            exempt=entry["customer"].get("tax_exempt") in ("yes", True),
        )
    except KeyError as error:
        raise LoadError(f"order {number}: {error} is missing") from error
    except AmountError as error:
        raise LoadError(f"order {number}: {error}") from error


def _line(line):
    return Line(
        article=line["article"],
        quantity=Decimal(str(line["quantity"])),
        unit_cents=to_cents(line["price"]),
        rate=_percent(line.get("tax", "20")),
    )


def _percent(text):
    try:
        return Decimal(str(text).rstrip("%"))
    except InvalidOperation:
        raise AmountError(f"{text!r} is not a percentage") from None
