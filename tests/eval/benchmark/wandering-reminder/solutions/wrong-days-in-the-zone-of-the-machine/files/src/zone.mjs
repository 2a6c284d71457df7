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

/** The moment at which the clock of a zone shows this time, the first of two; the moment at which it jumps over it. */
export function moment({ year, month, day, hour, minute }, zone) {
  const there = Date.UTC(year, month - 1, day, hour, minute);
  const dayLong = 24 * 60 * 60000;
  const before = offset(new Date(there - dayLong), zone);
  const behind = offset(new Date(there + dayLong), zone);
  // The offset of the day before gives the first of two moments; where it does not fit, the one after does.
  for (const away of [before, behind]) {
    const date = new Date(there - away * 60000);
    if (offset(date, zone) === away) return date;
  }
  // The clock jumps over this time: look for the moment of the jump.
  let low = there - Math.max(before, behind) * 60000;
  let high = there - Math.min(before, behind) * 60000;
  while (high - low > 60000) {
    const middle = low + Math.floor((high - low) / 120000) * 60000;
    if (offset(new Date(middle), zone) === before) low = middle;
    else high = middle;
  }
  return new Date(high);
}
