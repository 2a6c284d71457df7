// When a rule fires.

import { compare, lengthOf, parseDay, plusDays, weekday } from "./calendar.mjs";
import { clock, moment } from "./zone.mjs";

/** Whether a rule fires on a day. */
function fires(rule, day) {
  const from = parseDay(rule.from);
  if (compare(day, from) < 0) return false;
  switch (rule.every) {
    case "day":
      return true;
    case "workday":
      return weekday(day) >= 1 && weekday(day) <= 5;
    case "week":
      return weekday(day) === weekday(from);
    case "month":
      return day.day === Math.min(from.day, lengthOf(day.year, day.month));
    default:
      throw new Error(`${rule.every} is not known`);
  }
}

export function next(rule, after) {
  const [hour, minute] = rule.time.split(":").map(Number);
  let day = clock(after, rule.zone);
  const from = parseDay(rule.from);
  if (compare(day, from) < 0) day = from;
  for (;;) {
    if (fires(rule, day)) {
      const date = moment({ ...day, hour, minute }, rule.zone);
      if (date > after) return date;
    }
    day = plusDays(day, 1);
  }
}

export function upcoming(rule, after, count) {
  const found = [next(rule, after)];
  while (found.length < count) {
    found.push(next(rule, found.at(-1)));
  }
  return found;
}
