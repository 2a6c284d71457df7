"""Slugs of titles."""

import re

from third_party.fold import fold

MOST = 60


def slug(title, most=MOST):
    """Small letters, digits and single hyphens, at most `most` characters, cut between words if that is possible."""
    words = [word for word in re.split(r"[^a-z0-9]+", fold(title).lower()) if word]
    text = "-".join(words)
    if len(text) <= most:
        return text
    cut = text[: most + 1].rfind("-")
    return text[:cut] if cut > 0 else text[:most]
