"""Turns letters into plain ones."""

import unicodedata

from third_party.fold.tables import LETTERS


def fold(text, extra=None):
    """The text in plain letters. `extra` is a table that comes before the built-in one."""
    out = []
    for char in text:
        if extra and char in extra:
            out.append(extra[char])
        elif char in LETTERS:
            out.append(LETTERS[char])
        else:
            out += [part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)]
    return "".join(out)
