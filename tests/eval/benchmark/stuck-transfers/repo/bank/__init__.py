from bank.accounts import Account, Frozen, NotEnough
from bank.bank import Bank

__all__ = ["Account", "Bank", "Frozen", "NotEnough"]
