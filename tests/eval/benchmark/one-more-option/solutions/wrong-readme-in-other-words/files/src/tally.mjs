// Counts.

import { parseLine } from "./line.mjs";

const pattern = (text) => new RegExp(`^${text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);

/** Counts lines; returns the rows, most frequent first, and how many lines were skipped. */
export function tally(lines, options) {
  const counts = new Map();
  const fits = options.only === undefined ? undefined : pattern(options.only);
  let skipped = 0;
  for (const text of lines) {
    if (text === "") continue;
    const line = parseLine(text);
    if (!line) {
      skipped += 1;
      continue;
    }
    if (line.time < options.since) continue;
    if (fits && !fits.test(line.path)) continue;
    counts.set(line[options.by], (counts.get(line[options.by]) ?? 0) + 1);
  }
  const rows = [...counts]
    .filter(([, count]) => count >= options.min)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, options.top);
  return { rows, skipped };
}

export function table(rows) {
  const names = Math.max(0, ...rows.map(([name]) => name.length));
  const counts = Math.max(0, ...rows.map(([, count]) => String(count).length));
  return rows.map(([name, count]) => `${name.padEnd(names)}  ${String(count).padStart(counts)}\n`).join("");
}
