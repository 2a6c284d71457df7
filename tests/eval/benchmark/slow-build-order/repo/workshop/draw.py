"""Draws a graph as text, for people."""


def tree(graph, part, most=3):
    """The parts that a part needs, below it and indented; `...` where it goes deeper than `most`."""
    rows = []

    def add(name, depth, above):
        rows.append("  " * depth + name)
        if name in above:
            rows[-1] += " (again)"
            return
        needs = sorted(set(graph.needs(name)))
        if depth == most and needs:
            rows.append("  " * (depth + 1) + "...")
            return
        for other in needs:
            add(other, depth + 1, above | {name})

    add(part, 0, frozenset())
    return "\n".join(rows)


def dot(graph):
    """The graph for Graphviz."""
    rows = ["digraph parts {"]
    for part in sorted(graph.parts()):
        rows += [f'  "{part}" -> "{other}";' for other in sorted(set(graph.needs(part)))] or [f'  "{part}";']
    return "\n".join([*rows, "}"]) + "\n"
