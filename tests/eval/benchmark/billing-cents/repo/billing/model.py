"""What an order is, once it has been read."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    article: str
    quantity: Decimal
    unit_cents: int
    rate: Decimal  # percent


@dataclass(frozen=True)
class Order:
    number: str
    customer: str
    lines: tuple
    discount: Decimal = Decimal(0)  # percent
    shipping_cents: int = 0
    exempt: bool = False


@dataclass
class Totals:
    gross_lines: list = field(default_factory=list)
    net_lines: list = field(default_factory=list)
    taxes: dict = field(default_factory=dict)  # rate -> cents
    shipping: int = 0

    @property
    def net(self):
        return sum(self.net_lines)

    @property
    def tax(self):
        return sum(self.taxes.values())

    @property
    def total(self):
        return self.net + self.tax + self.shipping
