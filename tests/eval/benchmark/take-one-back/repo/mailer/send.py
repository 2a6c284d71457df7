"""What is sent to whom."""

from mailer.members import reachable


def messages(letter, members):
    """Pairs of an address and a text."""
    out = []
    for member in reachable(members):
        subject, body = letter.fill(member)
        out.append((member["mail"], f"Subject: {subject}\n\n{body}"))
    return out
