import os
import sys
import tempfile
from urllib.parse import quote

sys.path.insert(0, os.getcwd())
from shelf.app import App

failures = []

def expect(app, method, target, status, body=None, send=b""):
    try:
        response = app.handle(method, target, send)
        got = (response.status, response.body)
    except Exception as error:
        got = (repr(error), b"")
    if got[0] != status or body is not None and got[1] != body:
        failures.append(f"{method} {target!r}: {got[0]} {got[1][:60]!r}, wanted {status} {body!r}")

def write(path, text="x"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)

with tempfile.TemporaryDirectory() as top:
    top = os.path.realpath(top)
    root = os.path.join(top, "docs")
    write(os.path.join(top, "secret.txt"), "secret")
    write(os.path.join(top, "docs-private/s.txt"), "secret")
    write(os.path.join(top, "outside/o.txt"), "secret")
    names = ["v1..v2.diff", "...", "a..b/c..d", "50%.txt", "back\\slash", "ü ö.txt", "a#b?.txt", "%2e%2e", "x..", "plus+plus"]
    for name in names:
        write(os.path.join(root, name), name)
    write(os.path.join(root, "releases/2/notes.txt"), "two")
    os.symlink("releases/2", os.path.join(root, "latest"))
    os.symlink(os.path.join(root, "releases/2/notes.txt"), os.path.join(root, "notes.txt"))
    os.symlink("../outside", os.path.join(root, "away"))
    os.symlink("../../secret.txt", os.path.join(root, "releases/leak.txt"))
    os.symlink("../docs-private", os.path.join(root, "sibling"))
    os.symlink("..", os.path.join(root, "releases/up"))
    os.symlink("loop", os.path.join(root, "loop"))
    write(os.path.join(root, ".git/config"), "hidden")
    os.symlink(".git", os.path.join(root, "history"))
    write(os.path.join(root, "releases/.htpasswd"), "hidden")
    os.makedirs(os.path.join(root, "incoming"))
    os.symlink("../../outside", os.path.join(root, "incoming/out"))
    os.symlink("../../outside/new.txt", os.path.join(root, "incoming/new.txt"))
    os.symlink("../releases", os.path.join(root, "incoming/inside"))
    before = {}
    for shape in (root, root + "/", os.path.join(top, "link")):
        if not os.path.lexists(os.path.join(top, "link")):
            os.symlink("docs", os.path.join(top, "link"))
        app = App(shape)
        for name in names:
            expect(app, "GET", "/" + quote(name), 200, name.encode())
        expect(app, "GET", "/v1..v2.diff?from=../x", 200, b"v1..v2.diff")
        expect(app, "GET", "//releases//2/notes.txt", 200, b"two")
        expect(app, "GET", "/latest/notes.txt", 200, b"two")
        expect(app, "GET", "/notes.txt", 200, b"two")
        expect(app, "GET", "/latest", 301)
        expect(app, "GET", "/releases/up/v1..v2.diff", 200, b"v1..v2.diff")
        for target in ("/../secret.txt", "/%2e%2e/secret.txt", "/%2E./secret.txt", "/releases/../../secret.txt", "/..%2fsecret.txt",
                       "/releases/..%2f..%2fsecret.txt", "/%2fetc/passwd", "//etc/passwd", quote(top) + "/secret.txt", "/" + quote(top) + "/secret.txt",
                       "/away/o.txt", "/away/", "/away", "/releases/leak.txt", "/sibling/s.txt", "/../docs-private/s.txt", "/releases/up/../secret.txt",
                       "/releases/up/../../secret.txt", "/loop", "/.git/config", "/%2egit/config", "/releases/.htpasswd", "/history/config",
                       "/releases/%00", "/a%00b", "/none", "/50%25.txt/x", "/%ff"):
            expect(app, "GET", target, 404)
        for target in ("/", "/releases/"):
            rows = app.handle("GET", target).body.decode()
            for hidden in (".git", ".htpasswd", 'href="away', 'href="leak', 'href="sibling', 'href="loop', 'href="history'):
                if hidden in rows:
                    failures.append(f"{target} lists {hidden}")
        rows = app.handle("GET", "/").body.decode()
        for shown in ('href="..."', 'href="latest/"', 'href="v1..v2.diff"', 'href="notes.txt"', 'href="%252e%252e"'):
            if shown not in rows:
                failures.append(f"/ does not list {shown}")
        expect(app, "PUT", "/incoming/a/b..c", 201, send=b"new")
        expect(app, "GET", "/incoming/a/b..c", 200, b"new")
        expect(app, "PUT", "/incoming/a/b..c", 201, send=b"newer")
        expect(app, "GET", "/incoming/a/b..c", 200, b"newer")
        expect(app, "PUT", "/incoming/a", 409)
        for target in ("/incoming", "/incoming-old/x", "/incomingx", "/releases/n", "/incoming/inside/n", "/incoming/inside/2/notes.txt",
                       "/incoming/../x", "/incoming/%2e%2e/x", "/incoming/..%2f..%2fx", "/incoming/out/x", "/incoming/out/deep/x",
                       "/incoming/new.txt", "/incoming/.hidden", "/incoming/a/.b/c", "/incoming/a%00b"):
            try:
                status = app.handle("PUT", target, b"bad").status
            except Exception as error:
                status = repr(error)
            if status not in (403, 404, 409):
                failures.append(f"PUT {target}: {status}")
    for path in ("outside/x", "outside/deep", "outside/new.txt", "x", "docs/x", "docs/incoming-old", "docs/incomingx", "docs/releases/n", "docs/incoming/.hidden", "docs/incoming/a/.b"):
        if os.path.lexists(os.path.join(top, path)):
            failures.append(f"{path} was written")
    with open(os.path.join(root, "releases/2/notes.txt"), encoding="utf-8") as file:
        if file.read() != "two":
            failures.append("a file outside of incoming was overwritten")
print("\n".join(failures) if failures else "passed")
