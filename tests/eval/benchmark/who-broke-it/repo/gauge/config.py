"""Which meters there are, and where they hang."""

import configparser
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    address: str
    room: str
    limit: float = 0.0  # watts; 0 for none


def read(path):
    """The places of a file with a section for each address."""
    parser = configparser.ConfigParser(interpolation=None)
    with open(path, encoding="utf-8") as file:
        parser.read_file(file)
    return {
        address: Place(address, section.get("room", "unknown"), section.getfloat("limit", 0.0))
        for address, section in parser.items()
        if address != parser.default_section
    }
