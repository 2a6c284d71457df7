"""Orders of a graph. Both are the same on every machine: of the parts that could come next, the first by name does."""

import heapq

from workshop.graph import CycleError


def build_order(graph):
    """All parts, each after those that it needs.

    Raises CycleError with the parts that can never be built, sorted: those of a cycle and those that need them.
    """
    return _order(*_links(graph))


def affected(graph, changed):
    """The changed parts and all that need one of them, in the order in which they are built.

    Parts that the graph does not have are ignored.
    """
    needs, users = _links(graph)
    order = _order(needs, users)
    waiting = [part for part in set(changed) if part in needs]
    hit = set(waiting)
    while waiting:
        for user in users[waiting.pop()]:
            if user not in hit:
                hit.add(user)
                waiting.append(user)
    return [part for part in order if part in hit]


def _links(graph):
    """What each part needs, and what needs it. Asks the graph once for each part."""
    needs = {part: set(graph.needs(part)) for part in graph.parts()}
    users = {part: [] for part in needs}
    for part, others in needs.items():
        for other in others:
            users[other].append(part)
    return needs, users


def _order(needs, users):
    missing = {part: len(others) for part, others in needs.items()}
    ready = [part for part, count in missing.items() if count == 0]
    heapq.heapify(ready)
    done = []
    while ready:
        ready.sort(reverse=True)
        part = ready.pop()
        done.append(part)
        for user in users[part]:
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)
    if len(done) < len(needs):
        built = set(done)
        raise CycleError(sorted(part for part in needs if part not in built))
    return done
