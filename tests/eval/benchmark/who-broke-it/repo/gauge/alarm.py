"""Alarms: meters that are silent, and those above their limit."""


class Alarms:
    def __init__(self, places, silence=600):
        self.places = places
        self.silence = silence
        self.seen = {}

    def reading(self, address, power, now):
        """Notes a reading; returns an alarm, or None."""
        self.seen[address] = now
        place = self.places.get(address)
        if place is None:
            return f"{address} is not configured"
        if place.limit and power > place.limit:
            return f"{place.room}: {power:g} W are more than {place.limit:g} W"
        return None

    def silent(self, now):
        """The addresses without a reading for too long."""
        return sorted(
            address for address in self.places if now - self.seen.get(address, 0) > self.silence
        )
