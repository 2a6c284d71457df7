"""The members, from a CSV file."""

import csv


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return sorted((clean(row) for row in csv.DictReader(file)), key=lambda row: row.get("name", ""))


def clean(row):
    return {key.strip().lower(): (value or "").strip() for key, value in row.items() if key}


def reachable(members):
    return [member for member in members if "@" in member.get("mail", "") and not stopped(member)]


def stopped(member):
    return member.get("stop", "").lower() in ("yes", "x", "1")
