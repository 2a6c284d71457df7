"""A letter with places for names."""

import re

PLACE = re.compile(r"\{(\w+)\}")


class Letter:
    def __init__(self, subject, body):
        self.subject = subject
        self.body = body

    @classmethod
    def parse(cls, text):
        """The first line is the subject if it begins with `Subject:`."""
        first, _, rest = text.partition("\n")
        if first.startswith("Subject:"):
            return cls(first[8:].strip(), rest.lstrip("\n"))
        return cls("News", text)

    def places(self):
        return set(PLACE.findall(self.subject + self.body))

    def fill(self, values):
        """The subject and the body for a member. A place without a value stays as it is."""
        def value(found):
            return values.get(found[1], found[0])
        return PLACE.sub(value, self.subject), PLACE.sub(value, self.body)
