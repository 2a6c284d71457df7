import sys

from gauge.meter import Meters

meters = Meters()
with open(sys.argv[1], encoding="ascii") as file:
    for line in file:
        meters.take(line)
for address, power in meters.readings:
    print(f"{address} {power:g} W")
print(f"{meters.lost} lost, {meters.bad} bad", file=sys.stderr)
