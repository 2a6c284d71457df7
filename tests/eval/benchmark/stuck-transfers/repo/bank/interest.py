"""Interest, once a game's day."""


def pay(bank, names, source, per_mille):
    """Pays interest from an account of the game to others; returns what each got."""
    paid = {}
    for name in names:
        amount = bank.balance(name) * per_mille // 1000
        if amount > 0:
            bank.transfer(source, name, amount)
            paid[name] = amount
    return paid
