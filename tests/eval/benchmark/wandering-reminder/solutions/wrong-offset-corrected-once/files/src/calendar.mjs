// Days without a zone.

export const parseDay = (text) => {
  const [year, month, day] = text.split("-").map(Number);
  return { year, month, day };
};

export const weekday = ({ year, month, day }) => new Date(Date.UTC(year, month - 1, day)).getUTCDay();

export const lengthOf = (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate();

export function plusDays({ year, month, day }, days) {
  const date = new Date(Date.UTC(year, month - 1, day + days));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export const compare = (a, b) => a.year - b.year || a.month - b.month || a.day - b.day;
