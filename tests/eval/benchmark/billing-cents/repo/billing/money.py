"""Cents and how they are rounded and written."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

CENT = Decimal(1)


class AmountError(ValueError):
    pass


def to_cents(text):
    """The cents of an amount such as "12.50". More than two decimals are an error."""
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        raise AmountError(f"{text!r} is not an amount") from None
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise AmountError(f"{text!r} has parts of a cent")
    return int(cents)


def round_cents(value):
    """A number of cents, perhaps with decimals, as whole cents."""
    return int(Decimal(value).quantize(CENT, rounding=ROUND_HALF_EVEN))


def written(cents):
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
