"""Files that were open lately. Plugins like this one are not ours: they are installed by people."""

import prefs
from prefs import get_pref, set_pref


def recent():
    return [name for name in get_pref("recent.files", "").split("\n") if name]


def opened(name):
    names = [name] + [old for old in recent() if old != name]
    set_pref("recent.files", "\n".join(names[: prefs.get_pref("recent.max", 5, int)]))
