"""What is sent to whom."""

from mailer.members import reachable

FOOTER = "To leave the club, answer with the word STOP."


def messages(letter, members):
    """Pairs of an address and a text. Those who said STOP get none."""
    out = []
    for member in reachable(members):
        subject, body = letter.fill(member)
        text = f"Subject: {subject}\n\n{body}"
        out.append((member["mail"], f"{text.rstrip()}\n\n{FOOTER}\n"))
    return out


def summary(letter, members):
    """How many messages there would be, and the places that a member lacks a value for."""
    lacking = sorted({place for place in letter.places() for one in reachable(members) if not one.get(place)})
    return len({one["mail"].lower() for one in reachable(members)}), lacking
