import os
import sys
import tempfile

sys.path.insert(0, os.getcwd())
import prefs
from plugins import portable, recent, theme

def same(got, want):
    assert got == want, f"got {got!r}, wanted {want!r}"

def read(path):
    with open(path, "rb") as file:
        return file.read().decode()

def write(path, text):
    with open(path, "wb") as file:
        file.write(text.encode())

OLD = "# kept\n\na=1\nodd line\nb=x\\\\n\\ny=z\na=2\nnew!key=1\nflag=true\nlast=\\q"

with tempfile.TemporaryDirectory() as root:
    def place(name):
        return os.path.join(root, name)
    # The class, several at once.
    write(place("one"), OLD)
    one, two = prefs.Store(place("one")), prefs.Store(place("sub/two"))
    same((one.get("a"), one.get("a", 0, int), one.get("b"), one.get("flag", None, bool)), ("2", 2, "x\\n\ny=z", True))
    same((one.get("last"), one.get("none", 7), one.get("b", 3, int), one.get("new!key")), ("\\q", 7, 3, None))
    one.save()
    same(read(place("one")), OLD)
    heard = []
    stop = one.watch(lambda key, text: heard.append((key, text)))
    two.set("a", "other")
    same((one.get("a"), two.get("a"), heard), ("2", "other", []))
    same(read(place("sub/two")), "a=other\n")
    one.set("a", 3, save=False)
    same(read(place("one")), OLD)
    one.set("flag", False)
    same(read(place("one")), "# kept\n\na=3\nodd line\nb=x\\\\n\\ny=z\nnew!key=1\nflag=false\nlast=\\q\n")
    same((one.delete("a"), one.delete("a"), heard), (True, False, [("a", "3"), ("flag", "false"), ("a", None)]))
    stop()
    one.set("ü" * 0 + "z", "ü\\")
    same(len(heard), 3)
    same(prefs.Store(place("one")).get("z"), "ü\\")
    same(prefs.Store(place("one")).all("fl"), {"flag": "false"})
    for key in ("", "a b", "a=b", "a\n"):
        try:
            one.set(key, 1)
        except prefs.PrefError:
            continue
        raise AssertionError(f"{key!r} was taken as a key")
    # Another process writes; load() reads anew.
    write(place("sub/two"), "a=again\n")
    same(two.get("a"), "other")
    two.load()
    same(two.get("a"), "again")

    # The old functions, as plugins call them, with PATH set from outside.
    os.mkdir(place("p"))
    os.mkdir(place("q"))
    portable.move_to(place("p"))
    end = theme.follow()
    portable.batch({"theme.dark": True, "x": 1})
    same(read(place("p/prefs")), "theme.dark=true\nx=1\n")
    recent.opened("f")
    recent.opened("g")
    same(recent.recent(), ["g", "f"])
    portable.move_to(place("q"))
    same((prefs.get_pref("x"), prefs.all_prefs()), (None, {}))
    prefs.set_pref("theme.size", 12)
    same(read(place("q/prefs")), "theme.size=12\n")
    same(theme.seen, [("theme.dark", "true"), ("theme.size", "12")])
    same(theme.forget(), False)
    same(theme.seen[2:], [("theme.size", None)])
    end()
    prefs.set_pref("theme.size", 13, True)
    same(len(theme.seen), 3)
    # Without load_prefs a new PATH counts for the next saving, as before.
    prefs.PATH = place("r")
    prefs.set_pref("y", "2")
    same(read(place("r")), "theme.size=13\ny=2\n")
    same(prefs.get_pref("y", kind=int), 2)
    same(prefs.delete_pref("nothing"), False)
print("passed")
