"""The bank: many accounts, many threads."""

import threading

from bank.accounts import Account
from bank.journal import Journal


class Bank:
    def __init__(self):
        self._accounts = {}
        self._lock = threading.Lock()
        self._listeners = []
        self.journal = Journal()

    def open(self, name, balance=0, limit=0):
        with self._lock:
            if name in self._accounts:
                raise ValueError(f"{name} is there already")
            self._accounts[name] = Account(name, balance, limit)

    def account(self, name):
        with self._lock:
            return self._accounts[name]

    def balance(self, name):
        account = self.account(name)
        with account.lock:
            return account.balance

    def freeze(self, name, frozen=True):
        account = self.account(name)
        with account.lock:
            account.frozen = frozen

    def on_change(self, listener):
        with self._lock:
            self._listeners.append(listener)

    def transfer(self, source, target, amount):
        if amount <= 0:
            raise ValueError("the amount has to be above zero")
        giver, taker = self.account(source), self.account(target)
        first, second = sorted((giver, taker), key=lambda one: one.name)
        with first.lock:
            with second.lock:
                giver.check(amount)
                giver.balance -= amount
                taker.balance += amount
                self.journal.add("transfer", source, target, amount)
                self._tell(giver)
                self._tell(taker)

    def move_all(self, sources, target):
        taker = self.account(target)
        givers = [self.account(name) for name in sources]
        with taker.lock:
            for giver in givers:
                giver.lock.acquire()
            try:
                for giver in givers:
                    giver.check(0)
                for giver in givers:
                    amount = max(0, giver.balance)
                    giver.balance -= amount
                    taker.balance += amount
                    self.journal.add("move", giver.name, target, amount)
                    self._tell(giver)
                self._tell(taker)
            finally:
                for giver in givers:
                    giver.lock.release()

    def total(self):
        with self._lock:
            accounts = list(self._accounts.values())
            for account in accounts:
                account.lock.acquire()
            try:
                return sum(account.balance for account in accounts)
            finally:
                for account in accounts:
                    account.lock.release()

    def _tell(self, account):
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(account.name, account.balance)
