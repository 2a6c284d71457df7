import os
import random
import subprocess
import sys

sys.path.insert(0, os.getcwd())
from workshop.graph import CycleError
from workshop.order import affected, build_order

class Count:
    needs = names = 0
    limit = float("inf")

def compared():
    # Ends at the limit, so that a slow solution does not run for minutes.
    Count.names += 1
    if Count.names > Count.limit:
        sys.exit(f"names were compared more than {Count.limit} times for {N} parts")

class Name(str):
    """A name that counts how often it is compared with another."""
    __hash__ = str.__hash__
    def __eq__(self, other):
        compared()
        return str.__eq__(self, other)
    def __lt__(self, other):
        compared()
        return str.__lt__(self, other)
    def __gt__(self, other):
        compared()
        return str.__gt__(self, other)

class Graph:
    def __init__(self, needs):
        self._needs = {Name(part): [Name(other) for other in others] for part, others in needs.items()}
    def parts(self):
        return list(self._needs)
    def needs(self, part):
        Count.needs += 1
        if Count.needs > Count.limit:
            sys.exit(f"needs() was called more than {Count.limit} times for {N} parts")
        return list(self._needs[part])

def slow_order(needs):
    left, done, order = sorted(needs), set(), []
    while left:
        part = next((part for part in left if all(other in done for other in needs[part])), None)
        if part is None:
            return left, True
        left.remove(part)
        done.add(part)
        order.append(part)
    return order, False

def slow_affected(needs, changed):
    order, cycle = slow_order(needs)
    hit = set()
    for part in order:
        if part in changed or any(other in hit for other in needs[part]):
            hit.add(part)
    return [part for part in order if part in hit]

def same(got, want, told):
    assert [str(part) for part in got] == want, f"{told}: {list(got)[:12]} instead of {want[:12]}"

chance = random.Random(7)
for at in range(300):
    count = chance.randrange(1, 12)
    names = [f"p{number}" for number in range(count)]
    chance.shuffle(names)
    needs = {}
    for number, name in enumerate(names):
        pool = names[:number] if at % 4 else names
        needs[name] = [chance.choice(pool) for _ in range(chance.randrange(0, 4))] if pool else []
    items = list(needs.items())
    chance.shuffle(items)
    needs = dict(items)
    order, cycle = slow_order(needs)
    changed = [chance.choice(names), "nowhere"]
    for run, want in ((lambda: build_order(Graph(needs)), order), (lambda: affected(Graph(needs), changed), slow_affected(needs, changed))):
        try:
            got = run()
        except CycleError as error:
            assert cycle, f"a cycle was seen in {needs}"
            same(error.parts, order, "cycle")
        else:
            assert not cycle, f"no cycle was seen in {needs}"
            same(got, want, needs)

N = 3000
shapes = {
    "a chain": {f"n{number:05}": [f"n{number + 1:05}"] if number < N - 1 else [] for number in range(N)},
    "parts that need nothing": {f"n{(number * 7919) % N:05}": [] for number in range(N)},
    "parts that all need one": dict({f"n{(number * 7919) % N:05}": ["z"] for number in range(N)}, z=[]),
    "ladders": {f"n{number:05}": [f"n{n:05}" for n in range(max(0, number - 3), number)] for number in range(N)},
}
for told, needs in shapes.items():
    graph = Graph(needs)
    for name, run in (("build_order", lambda: build_order(graph)), ("affected", lambda: affected(graph, ["n00000", "z", "n01500"]))):
        Count.needs, Count.names, Count.limit = 0, 0, 60 * 4 * N
        got = run()
        Count.limit = float("inf")
        assert len(got) >= 1
        assert Count.needs <= 3 * (N + 1), f"{name}, {told}: needs() was called {Count.needs} times for {N} parts"
order = build_order(Graph(shapes["parts that all need one"]))
assert order[0] == "z" and order[1:] == sorted(order[1:])
ended = subprocess.run([sys.executable, "-B", "-m", "workshop", "affected", "parts.txt", "store"], capture_output=True, text=True)
assert ended.stdout.split() == ["store", "server", "ui", "all"], ended
print("passed")
