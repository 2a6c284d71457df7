"""Slugs of titles."""

import re
import unicodedata

from third_party.fold import fold

MOST = 60
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}


def slug(title, most=MOST):
    """The slug of a title, with German umlauts written out; see `old_slug` for the length."""
    return _slug(fold(unicodedata.normalize("NFC", title), UMLAUTS), most)


def old_slug(title, most=MOST):
    """Small letters, digits and single hyphens, at most `most` characters, cut between words if that is possible."""
    return _slug(fold(title), most)


def _slug(plain, most):
    words = [word for word in re.split(r"[^a-z0-9]+", plain.lower()) if word]
    text = "-".join(words)
    if len(text) <= most:
        return text
    cut = text[: most + 1].rfind("-")
    return text[:cut] if cut > 0 else text[:most]
