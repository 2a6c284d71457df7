import sys

from shelf.server import serve

if len(sys.argv) not in (2, 3):
    sys.exit("usage: python3 -m shelf FOLDER [PORT]")
serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 8000)
