"""Slugs that are in use, in a file."""

import json
import os

from slugs import old_slug, slug


class Registry:
    def __init__(self, path):
        self.path = path
        self.used = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.used = json.load(file)

    def take(self, title, page):
        """A slug for a page. The same page gets the same again; another page with the same title gets a number."""
        old = old_slug(title)
        if self.used.get(old) == page:
            return old
        wanted = slug(title)
        text, number = wanted, 1
        while self.used.get(text, page) != page:
            number += 1
            text = f"{wanted}-{number}"
        self.used[text] = page
        return text

    def save(self):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(self.used, file, indent=1, sort_keys=True)
