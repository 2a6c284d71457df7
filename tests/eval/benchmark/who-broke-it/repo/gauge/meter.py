"""What is known of the meters."""

from gauge.frame import BadFrame, parse
from gauge.value import watts

WRAP = 256


class Meters:
    def __init__(self):
        self.last = {}
        self.readings = []
        self.lost = 0
        self.bad = 0

    def take(self, line):
        try:
            address, counter, value = parse(line)
        except BadFrame:
            self.bad += 1
            return
        if address in self.last:
            step = (counter - self.last[address]) % WRAP
            if step == 0:
                return
            self.lost += step - 1
        self.last[address] = counter
        self.readings.append((address, watts(value)))
