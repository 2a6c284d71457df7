import os
import subprocess
import sys
import tempfile

WIP = {
    "board/view.py": ['import os',
        'COLORS = {"todo": 33, "doing": 34, "done": 32}',
        '    text = column.upper()[:width].ljust(width)',
        '    if os.environ.get("NO_COLOR"):',
        '        return text',
        '    # still missing: look whether stdout is a terminal',
        '    return f"\\x1b[{COLORS.get(column, 0)}m{text}\\x1b[0m"',
        '    # rows[0] is colored, so its length is not its width'],
    "board/cli.py": ['USAGE = """usage: python3 -m board [--color WHEN] COMMAND',
        '    color = "auto"  # --color is not read yet'],
}

# Lines of the commit that the unfinished work replaces.
REPLACED = [
    '    return column.upper()[:width].ljust(width)',
    'USAGE = """usage: python3 -m board COMMAND',
]

committed, tree = sys.argv[1:]

def lines(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read().splitlines()

def need(what, told):
    if not what:
        sys.exit(told)

def board(root, path, *arguments):
    return subprocess.run([sys.executable, "-B", "-m", "board", "-f", path, *arguments], cwd=root,
                          env=dict(os.environ, NO_COLOR="1", COLUMNS="80"), capture_output=True, text=True)

for path, added in WIP.items():
    here, there = lines(tree, path), lines(committed, path)
    for line in added:
        need(line in here, f"lost in the working tree: {path}: {line}")
        need(line not in there, f"committed: {path}: {line}")
    # Beside the unfinished work, both are the same.
    left = [line for line in here if line and line not in added]
    base = [line for line in there if line and line not in REPLACED]
    need(left == base, f"{path} differs in more than the unfinished work")
need(lines(tree, "notes.txt") == ["colors: ask Kim about the palette"], "notes.txt changed")
need(not os.path.exists(os.path.join(committed, "notes.txt")), "notes.txt was committed")

for root in (committed, tree):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "b.json")
        ended = board(root, path, "show")
        need(ended.returncode == 0 and "TODO" in ended.stdout, f"an empty board: {ended.stderr}")
        need(len(ended.stdout.splitlines()) == 1, f"an empty board has rows: {ended.stdout!r}")
        need(board(root, path, "add", "todo", "one").returncode == 0, "adding")
        before = open(path).read()
        for arguments in (["move", "1", "tomorrow"], ["add", "tomorrow", "two"]):
            ended = board(root, path, *arguments)
            need(ended.returncode == 2 and "tomorrow" in ended.stderr, f"{arguments}: {ended}")
            need("Traceback" not in ended.stderr, ended.stderr)
            need(open(path).read() == before, "the file was changed")
        need(board(root, path, "move", "8", "done").returncode == 2, "an unknown card")
        need(board(root, path, "move", "1", "done").returncode == 0, "moving")
        need("#1 one" in board(root, path, "show").stdout, "the card is not shown")
        need(board(root, path, "remove", "1").returncode == 0, "removing")
        need(board(root, path, "show").returncode == 0, "a board that became empty")
