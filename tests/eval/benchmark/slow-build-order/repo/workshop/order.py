"""Orders of a graph. Both are the same on every machine: of the parts that could come next, the first by name does."""

from workshop.graph import CycleError


def build_order(graph):
    """All parts, each after those that it needs.

    Raises CycleError with the parts that can never be built, sorted: those of a cycle and those that need them.
    """
    left = sorted(graph.parts())
    done = []
    while left:
        for part in left:
            if all(other in done for other in graph.needs(part)):
                left.remove(part)
                done.append(part)
                break
        else:
            raise CycleError(left)
    return done


def closure(graph, part):
    """The parts that a part needs, directly or not. A part of a cycle needs itself."""
    found = []
    waiting = graph.needs(part)
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.append(other)
            waiting += graph.needs(other)
    return found


def affected(graph, changed):
    """The changed parts and all that need one of them, in the order in which they are built.

    Parts that the graph does not have are ignored.
    """
    wanted = []
    for part in build_order(graph):
        if part in changed or any(other in changed for other in closure(graph, part)):
            wanted.append(part)
    return wanted
