"""The board as it is kept in a file."""

import json
import os
import tempfile

COLUMNS = ["todo", "doing", "done"]


class UnknownCard(Exception):
    pass


class Board:
    def __init__(self, columns=None, cards=None, next_id=1):
        self.columns = columns or list(COLUMNS)
        self.cards = cards or {}
        self.next_id = next_id

    @classmethod
    def load(cls, path):
        if not os.path.exists(path):
            return cls()
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        cards = {int(key): card for key, card in document["cards"].items()}
        return cls(document["columns"], cards, document["next"])

    def save(self, path):
        document = {"columns": self.columns, "cards": self.cards, "next": self.next_id}
        folder = os.path.dirname(os.path.abspath(path))
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
        os.replace(file.name, path)

    def add(self, column, text):
        number = self.next_id
        self.cards[number] = {"column": column, "text": text}
        self.next_id += 1
        return number

    def move(self, number, column):
        self._card(number)["column"] = column

    def remove(self, number):
        self._card(number)
        del self.cards[number]

    def in_column(self, column):
        return [(number, card["text"]) for number, card in sorted(self.cards.items()) if card["column"] == column]

    def _card(self, number):
        try:
            return self.cards[number]
        except KeyError:
            raise UnknownCard(number) from None
