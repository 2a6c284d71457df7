import sys

from workshop.graph import GraphError, read
from workshop.order import affected, build_order


def main(arguments):
    match arguments:
        case ["order", path]:
            parts = lambda graph: build_order(graph)
        case ["affected", path, *changed] if changed:
            parts = lambda graph: affected(graph, changed)
        case _:
            print("usage: python3 -m workshop order FILE | affected FILE PART...", file=sys.stderr)
            return 2
    try:
        for part in parts(read(path)):
            print(part)
    except (GraphError, OSError) as error:
        print(f"workshop: {error}", file=sys.stderr)
        return 1
    return 0


sys.exit(main(sys.argv[1:]))
