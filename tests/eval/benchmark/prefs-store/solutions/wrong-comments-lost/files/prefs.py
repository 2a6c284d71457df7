"""Preferences in a text file; see README.md for the format."""

import os
import re

PATH = os.path.expanduser("~/.config/editor/prefs")

KEY = re.compile(r"[A-Za-z0-9._-]+")

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


class Store:
    """One file of preferences. Reads it when it is first needed."""

    def __init__(self, path):
        self.path = path
        self._lines = None
        self._values = {}
        self._dirty = False
        self._watchers = []

    def load(self):
        """Reads the file anew. A file that is not there is an empty one."""
        self._lines, self._values, self._dirty = [], {}, False
        try:
            with open(self.path, encoding="utf-8", newline="\n") as file:
                self._lines = file.read().split("\n")
        except FileNotFoundError:
            return
        if self._lines[-1] == "":
            self._lines.pop()
        for line in self._lines:
            key = _key_of(line)
            if key:
                self._values[key] = _unescape(line.partition("=")[2])

    def _loaded(self):
        if self._lines is None:
            self.load()

    def get(self, key, default=None, kind=str):
        self._loaded()
        if key not in self._values:
            return default
        text = self._values[key]
        if kind is bool:
            return {"true": True, "false": False}.get(text, default)
        try:
            return kind(text)
        except ValueError:
            return default

    def set(self, key, value, save=True):
        self._loaded()
        if not KEY.fullmatch(key):
            raise PrefError(f"{key!r} cannot be a key")
        text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
        if self._values.get(key) != text:
            self._values[key] = text
            self._replace(key, f"{key}={_escape(text)}")
            self._changed(key, text)
        if save:
            self.save()

    def delete(self, key, save=True):
        self._loaded()
        if key not in self._values:
            return False
        del self._values[key]
        self._replace(key, None)
        self._changed(key, None)
        if save:
            self.save()
        return True

    def _changed(self, key, text):
        self._dirty = True
        for watcher in list(self._watchers):
            watcher(key, text)

    def _replace(self, key, line):
        kept, placed = [], False
        for old in self._lines:
            if _key_of(old) != key:
                kept.append(old)
            elif line is not None and not placed:
                kept.append(line)
                placed = True
        if line is not None and not placed:
            kept.append(line)
        self._lines = kept

    def watch(self, watcher):
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def all(self, prefix=""):
        self._loaded()
        return {key: value for key, value in self._values.items() if key.startswith(prefix)}

    def save(self):
        self._loaded()
        if not self._dirty:
            return
        os.makedirs(os.path.dirname(self.path) or ".", exist_ok=True)
        beside = self.path + ".new"
        with open(beside, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{key}={_escape(text)}\n" for key, text in self._values.items())
        os.replace(beside, self.path)
        self._dirty = False


_store = Store(PATH)


def _default():
    # Plugins set PATH, before or after the file was read.
    _store.path = PATH
    return _store


def load_prefs():
    _default().load()


def get_pref(key, default=None, kind=str):
    return _default().get(key, default, kind)


def set_pref(key, value, save=True):
    _default().set(key, value, save)


def delete_pref(key, save=True):
    return _default().delete(key, save)


def watch_prefs(watcher):
    return _default().watch(watcher)


def all_prefs(prefix=""):
    return _default().all(prefix)


def save_prefs():
    _default().save()
