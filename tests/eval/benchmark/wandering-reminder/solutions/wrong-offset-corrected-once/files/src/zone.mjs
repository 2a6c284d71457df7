// Clocks of zones.

const FORMATS = new Map();

function format(zone) {
  if (!FORMATS.has(zone)) {
    FORMATS.set(
      zone,
      new Intl.DateTimeFormat("en-US", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      }),
    );
  }
  return FORMATS.get(zone);
}

/** The clock of a zone at a moment. */
export function clock(date, zone) {
  const parts = Object.fromEntries(format(zone).formatToParts(date).map(({ type, value }) => [type, Number(value)]));
  const { year, month, day, hour, minute, second } = parts;
  return { year, month, day, hour, minute, second };
}

/** Minutes by which the clock of a zone is ahead of UTC at a moment. */
export function offset(date, zone) {
  const { year, month, day, hour, minute, second } = clock(date, zone);
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - date.getTime()) / 60000);
}

/** The moment at which the clock of a zone shows this time. */
export function moment({ year, month, day, hour, minute }, zone) {
  const there = Date.UTC(year, month - 1, day, hour, minute);
  const guess = new Date(there - offset(new Date(there), zone) * 60000);
  return new Date(there - offset(guess, zone) * 60000);
}
