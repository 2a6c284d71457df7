"""Preferences in a text file; see README.md for the format."""

import os
import re

PATH = os.path.expanduser("~/.config/editor/prefs")

KEY = re.compile(r"[A-Za-z0-9._-]+")

_lines = None
_values = {}
_dirty = False
_watchers = []


class PrefError(Exception):
    pass


def _unescape(text):
    out, at = [], 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            at += 1
            char = {"n": "\n", "\\": "\\"}.get(text[at], "\\" + text[at])
        out.append(char)
        at += 1
    return "".join(out)


def _escape(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _key_of(line):
    key, equals, _ = line.partition("=")
    return key if equals and KEY.fullmatch(key) else None


def load_prefs():
    """Reads the file anew. A file that is not there is an empty one."""
    global _lines, _values, _dirty
    _lines, _values, _dirty = [], {}, False
    try:
        with open(PATH, encoding="utf-8", newline="\n") as file:
            _lines = file.read().split("\n")
    except FileNotFoundError:
        return
    if _lines[-1] == "":
        _lines.pop()
    for line in _lines:
        key = _key_of(line)
        if key:
            _values[key] = _unescape(line.partition("=")[2])


def _loaded():
    if _lines is None:
        load_prefs()


def get_pref(key, default=None, kind=str):
    """The value of a key as `kind` (str, int or bool); the default if it is not set or is not of that kind."""
    _loaded()
    if key not in _values:
        return default
    text = _values[key]
    if kind is bool:
        return {"true": True, "false": False}.get(text, default)
    try:
        return kind(text)
    except ValueError:
        return default


def set_pref(key, value, save=True):
    """Sets a key, and writes the file unless `save` is false."""
    global _dirty
    _loaded()
    if not KEY.fullmatch(key):
        raise PrefError(f"{key!r} cannot be a key")
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    if _values.get(key) != text:
        _values[key] = text
        _replace(key, f"{key}={_escape(text)}")
        _dirty = True
        for watcher in list(_watchers):
            watcher(key, text)
    if save:
        save_prefs()


def delete_pref(key, save=True):
    """Removes a key; returns whether it was there."""
    global _dirty
    _loaded()
    if key not in _values:
        return False
    del _values[key]
    _replace(key, None)
    _dirty = True
    for watcher in list(_watchers):
        watcher(key, None)
    if save:
        save_prefs()
    return True


def _replace(key, line):
    kept, placed = [], False
    for old in _lines:
        if _key_of(old) != key:
            kept.append(old)
        elif line is not None and not placed:
            kept.append(line)
            placed = True
    if line is not None and not placed:
        kept.append(line)
    _lines[:] = kept


def watch_prefs(watcher):
    """Calls watcher(key, text or None) on changes; returns a function that ends this."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)


def all_prefs(prefix=""):
    _loaded()
    return {key: value for key, value in _values.items() if key.startswith(prefix)}


def save_prefs():
    global _dirty
    _loaded()
    if not _dirty:
        return
    os.makedirs(os.path.dirname(PATH) or ".", exist_ok=True)
    beside = PATH + ".new"
    with open(beside, "w", encoding="utf-8", newline="\n") as file:
        file.write("".join(line + "\n" for line in _lines))
    os.replace(beside, PATH)
    _dirty = False
