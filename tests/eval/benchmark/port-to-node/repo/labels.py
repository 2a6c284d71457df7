"""Puts the members of a club on labels. The reference: src/labels.mjs has to do the same."""

import math


def natural_key(text):
    """Numbers in names are compared as numbers: "Group 9" comes before "Group 10"."""
    key, digits = [], ""
    for char in text.casefold() + "\0":
        if char in "0123456789":
            digits += char
            continue
        if digits:
            key.append((0, int(digits), ""))
            digits = ""
        if char != "\0":
            key.append((1, 0, char))
    return key


def age(born, today):
    """Whole years between two days, given as (year, month, day); negative for those who are not born yet."""
    years = today[0] - born[0]
    return years - ((today[1], today[2]) < (born[1], born[2]))


def fee(cents, members, months):
    """The share of each member for so many of twelve months; refunds are negative. Half cents go to the even one."""
    return round(cents * months / (12 * members))


def shelf(number, width):
    """The row and the column of a label; labels before the first (negative ones) fill the rows above it."""
    return number // width, number % width


def wrap(text, width):
    """Lines of at most `width` characters, cut at blanks; a longer word is cut itself."""
    lines, line = [], ""
    for word in text.split():
        while len(word) > width:
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:width])
            word = word[width:]
        if not word:
            continue
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    if line:
        lines.append(line)
    return lines


def title(name):
    """First letters in capitals, the rest small; what follows an apostrophe or a hyphen begins anew."""
    out, start = [], True
    for char in name:
        out.append(char.upper() if start else char.lower())
        start = not char.isalpha()
    return "".join(out)


def labels(members, today, width=20):
    """A list of labels, sorted by group, then by name, then by age, the oldest first."""
    found = []
    for member in members:
        years = age(tuple(member["born"]), today)
        lines = wrap(title(member["name"]), width) + [f"{member['group']}, {years}"]
        found.append((natural_key(member["group"]), natural_key(member["name"]), -years, lines))
    found.sort(key=lambda one: one[:3])
    return [lines for *_, lines in found]


def mean_age(members, today):
    """The mean age to one decimal as text, "-" without members."""
    if not members:
        return "-"
    mean = math.fsum(age(tuple(one["born"]), today) for one in members) / len(members)
    return f"{mean:.1f}"
