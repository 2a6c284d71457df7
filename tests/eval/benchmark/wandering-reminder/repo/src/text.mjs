import { clock, offset } from "./zone.mjs";

const two = (number) => String(number).padStart(2, "0");

export function written(date, zone) {
  const { year, month, day, hour, minute } = clock(date, zone);
  const away = offset(date, zone);
  const sign = away < 0 ? "-" : "+";
  const zoneText = `${sign}${two(Math.floor(Math.abs(away) / 60))}:${two(Math.abs(away) % 60)}`;
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} ${zoneText}`;
}
