"""Finds the text for a key in the language of a person."""

import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
STRING = re.compile(r'^"((?:[^"\\]|\\.)+)" = "((?:[^"\\]|\\.)*)";$')
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def unescape(text):
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text)


def read_properties(text):
    """Keys and values; a backslash at the end of a line goes on in the next one."""
    texts, waiting = {}, ""
    for line in text.splitlines():
        line = waiting + line.lstrip() if waiting else line
        waiting = ""
        if line.endswith("\\") and not line.endswith("\\\\"):
            waiting = line[:-1]
            continue
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if equals:
            texts[key.strip()] = unescape(value)
    return texts


def read_strings(text):
    found = (STRING.match(line) for line in text.splitlines())
    return {unescape(one[1]): unescape(one[2]) for one in found if one}


class Texts:
    """The texts of all languages; those that a language lacks are English."""

    def __init__(self, folder=os.path.join(ROOT, "locale")):
        with open(os.path.join(ROOT, "tools", "encodings.json"), encoding="utf-8") as file:
            encodings = json.load(file)
        self.languages = {}
        for name, encoding in encodings.items():
            with open(os.path.join(folder, name), encoding=encoding, newline="") as file:
                text = file.read()
            read = read_strings if name.endswith(".strings") else read_properties
            self.languages[name.partition(".")[0]] = read(text)

    def text(self, language, key):
        own = self.languages.get(language, {})
        return own.get(key) or self.languages["en"].get(key) or key

    def plain(self, language, key):
        """The text of a menu without the mark of its key."""
        return self.text(language, key).replace("&", "")
