"""Parts and the parts that they need."""


class GraphError(Exception):
    pass


class CycleError(GraphError):
    def __init__(self, parts):
        super().__init__("these parts need each other: " + " ".join(parts))
        self.parts = parts


class Graph:
    """What is asked of a graph: its parts, and for one of them those that it needs.

    Other graphs have the same two methods; the one of the package server asks over the network in `needs`.
    """

    def __init__(self, needs):
        self._needs = needs

    def parts(self):
        return list(self._needs)

    def needs(self, part):
        return list(self._needs[part])


def read(path):
    needs = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.partition("#")[0].strip()
            if not line:
                continue
            name, colon, rest = line.partition(":")
            if not colon or not name.strip():
                raise GraphError(f"{path}, line {number}: a part and a colon are expected")
            if name.strip() in needs:
                raise GraphError(f"{path}, line {number}: {name.strip()} is there twice")
            needs[name.strip()] = rest.split()
    for name, wanted in needs.items():
        for other in wanted:
            if other not in needs:
                raise GraphError(f"{name} needs {other}, which is not there")
    return Graph(needs)
