"""Values with units."""

UNITS = {"W": 1, "kW": 1000}


def watts(text):
    """The watts of a value such as 1.5kW."""
    number = text.rstrip("kW")
    unit = text[len(number):]
    return float(number) * UNITS[unit]
