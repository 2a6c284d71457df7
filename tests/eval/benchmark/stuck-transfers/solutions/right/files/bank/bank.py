"""The bank: many accounts, many threads."""

import threading
from contextlib import ExitStack, contextmanager

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
        with _locked([giver, taker]):
            giver.check(amount)
            giver.balance -= amount
            taker.balance += amount
            self.journal.add("transfer", source, target, amount)
            news = [(giver.name, giver.balance), (taker.name, taker.balance)]
        self._tell(news)

    def move_all(self, sources, target):
        taker = self.account(target)
        givers = [self.account(name) for name in dict.fromkeys(sources) if name != target]
        news = []
        with _locked([taker, *givers]):
            for giver in givers:
                giver.check(0)
            for giver in givers:
                amount = max(0, giver.balance)
                giver.balance -= amount
                taker.balance += amount
                self.journal.add("move", giver.name, target, amount)
                news.append((giver.name, giver.balance))
            news.append((taker.name, taker.balance))
        self._tell(news)

    def total(self):
        with self._lock:
            accounts = list(self._accounts.values())
        with _locked(accounts):
            return sum(account.balance for account in accounts)

    def _tell(self, news):
        """Calls the listeners; hold no lock."""
        with self._lock:
            listeners = list(self._listeners)
        for name, balance in news:
            for listener in listeners:
                listener(name, balance)


@contextmanager
def _locked(accounts):
    """Holds the locks of accounts, taken in the order of their names: no two threads can wait for each other."""
    with ExitStack() as held:
        for account in sorted(set(accounts), key=lambda one: one.name):
            held.enter_context(account.lock)
        yield
