import os
import random
import sys
import threading
import time

sys.path.insert(0, os.getcwd())

# A thread that got a lock gives way to others: locks in the wrong order are soon held crosswise.
taken = [0]

def yielding(kind):
    def make(*arguments):
        inner = kind(*arguments)
        class Lock:
            def acquire(self, *more, **named):
                got = inner.acquire(*more, **named)
                if got:
                    taken[0] += 1
                    time.sleep(0.0005)
                return got
            def release(self):
                inner.release()
            def __enter__(self):
                self.acquire()
                return self
            def __exit__(self, *more):
                self.release()
            def __getattr__(self, name):
                return getattr(inner, name)
        return Lock()
    return make

threading.Lock = yielding(threading.Lock)
threading.RLock = yielding(threading.RLock)
from bank import Bank, Frozen, NotEnough

def same(got, want, told):
    assert got == want, f"{told}: {got!r} instead of {want!r}"

failures = []

def together(told, *jobs):
    def run(job):
        try:
            job()
        except BaseException as error:
            failures.append(f"{told}: {error!r}")
    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    seen, since = -1, time.monotonic()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(0.05)
        if taken[0] != seen:
            seen, since = taken[0], time.monotonic()
        elif time.monotonic() - since > 3:
            print(f"{told}: the threads wait for each other", flush=True)
            os._exit(1)
    if failures:
        print(failures[0], flush=True)
        os._exit(1)

def bank(count=4, balance=1000):
    made = Bank()
    for number in range(count):
        made.open(f"p{number}", balance)
    return made

def times(count, job):
    def run():
        for _ in range(count):
            job()
    return run

one = bank()
together("a transfer to oneself", lambda: one.transfer("p0", "p0", 10))
same(one.balance("p0"), 1000, "a transfer to oneself")
heard = []
one.on_change(lambda name, balance: heard.append((name, balance, one.balance(name), one.total())))
together("a listener that asks", lambda: one.transfer("p0", "p1", 10))
same(heard, [("p0", 990, 990, 4000), ("p1", 1010, 1010, 4000)], "the listener")
heard.clear()
together("move_all with the target among the sources", lambda: one.move_all(["p0", "p1", "p1", "p2"], "p2"))
same([one.balance(f"p{n}") for n in range(4)], [0, 0, 3000, 1000], "move_all with doubles")
same(one.journal.entries()[-2:], [("move", "p0", "p2", 990), ("move", "p1", "p2", 1010)], "the journal of move_all")
one.freeze("p3")
one.transfer("p2", "p0", 5)
for job, kind in ((lambda: one.move_all(["p0", "p3"], "p1"), Frozen), (lambda: one.transfer("p3", "p0", 1), Frozen),
                  (lambda: one.transfer("p0", "p1", 6), NotEnough), (lambda: one.transfer("p0", "p1", 0), ValueError),
                  (lambda: one.transfer("p0", "p0", 6), NotEnough)):
    try:
        job()
    except kind:
        continue
    raise AssertionError(f"{kind.__name__} was not raised")
same(one.balance("p0"), 5, "all or none")

two = bank()
together("transfers against each other", *[times(12, lambda a=a, b=b: two.transfer(a, b, 1)) for a, b in
         (("p0", "p1"), ("p1", "p0"), ("p1", "p2"), ("p2", "p3"), ("p3", "p0"))])
same(two.total(), 4000, "the total")

three = bank()
totals = []
def summing():
    totals.append(three.total())
together("total, move_all and transfers", times(8, summing), times(8, lambda: three.move_all(["p3", "p0"], "p1")),
         times(8, lambda: three.move_all(["p1", "p0"], "p3")), times(8, lambda: three.transfer("p2", "p0", 2)),
         times(4, lambda: three.balance("p1")), lambda: [three.open(f"q{n}") for n in range(3)])
same(set(totals), {4000}, "total() while others transfer")
same(three.total(), 4000, "the total")

# A listener that takes its time holds up no thread, whether it uses other accounts or the same ones.
four = bank()
inside, go = threading.Event(), threading.Event()
def slow(name, balance):
    if name == "p0" and not inside.is_set():
        inside.set()
        go.wait(10)
four.on_change(slow)
def others():
    inside.wait(10)
    four.transfer("p2", "p3", 1)
    four.transfer("p1", "p0", 1)
    four.total()
    go.set()
together("a slow listener", lambda: four.transfer("p0", "p1", 5), others)
same(four.total(), 4000, "the total")
print("passed")
sys.stdout.flush()
os._exit(0)
