"""Days in the three ways in which suppliers write them."""

import re
from datetime import date

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class BadDay(ValueError):
    pass


def parse_day(text):
    text = text.strip()
    try:
        if found := ISO.fullmatch(text):
            year, month, day = map(int, found.groups())
        elif found := DOTS.fullmatch(text):
            day, month, year = map(int, found.groups())
        elif found := SLASHES.fullmatch(text):
            day, month, year = map(int, found.groups())
        else:
            raise BadDay(f"{text!r} is not a day")
        return date(year, month, day)
    except BadDay:
        raise
    except ValueError as error:
        raise BadDay(f"{text!r} is not a day: {error}") from error


def write_day(day):
    return day.strftime("%Y-%m-%d")
