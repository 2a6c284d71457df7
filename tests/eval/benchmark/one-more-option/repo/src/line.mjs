// Lines of the common log format.

const LINE = /^(\S+) \S+ (\S+) \[([^\]]+)\] "(?:[A-Z]+) (\S+)[^"]*" (\d{3}) (?:\d+|-)/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** @returns {{ host: string, user: string, time: number, path: string, status: string } | undefined} */
export function parseLine(text) {
  const found = LINE.exec(text);
  if (!found) return undefined;
  const [, host, user, written, path, status] = found;
  const time = parseTime(written);
  if (Number.isNaN(time)) return undefined;
  return { host, user, time, path, status };
}

/** Milliseconds of a time such as 10/Oct/2026:13:55:36 +0200. */
export function parseTime(text) {
  const found = /^(\d{2})\/(\w{3})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/.exec(text);
  if (!found) return NaN;
  const [, day, month, year, hour, minute, second, sign, hours, minutes] = found;
  const at = MONTHS.indexOf(month);
  if (at < 0) return NaN;
  const away = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return Date.UTC(Number(year), at, Number(day), Number(hour), Number(minute) - away, Number(second));
}
