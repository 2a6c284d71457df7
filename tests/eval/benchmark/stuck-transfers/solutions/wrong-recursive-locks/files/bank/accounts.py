"""One account and its lock."""

import threading


class NotEnough(Exception):
    pass


class Frozen(Exception):
    pass


class Account:
    """Change it only while holding its lock."""

    def __init__(self, name, balance=0, limit=0):
        self.name = name
        self.balance = balance
        self.limit = limit
        self.frozen = False
        self.lock = threading.RLock()

    def check(self, amount):
        if self.frozen:
            raise Frozen(self.name)
        if self.balance - amount < self.limit:
            raise NotEnough(self.name)
