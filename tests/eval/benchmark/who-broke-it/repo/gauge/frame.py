"""Frames as they come over the line."""


class BadFrame(ValueError):
    pass


def checksum(text):
    total = 0
    for char in text:
        total ^= ord(char)
    return f"{total:02X}"


def parse(line):
    """The address, the counter and the value of a frame."""
    line = line.strip()
    if not line.startswith(":") or line[-3:-2] != "*":
        raise BadFrame(f"no frame: {line!r}")
    body, sent = line[1:-3], line[-2:]
    if checksum(body) != sent.upper():
        raise BadFrame(f"wrong sum: {line!r}")
    address, counter, value = body.split(";")
    return address, int(counter), value
