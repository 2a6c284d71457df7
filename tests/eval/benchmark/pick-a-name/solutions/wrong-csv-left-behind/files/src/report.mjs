// The report of a day.

import { euros, totalOf } from "./money.mjs";

export function report(day) {
  const rows = [`Report of ${day.date}`];
  for (const order of day.orders) {
    const { table, subtotal, tip } = order;
    rows.push(`table ${table}: total ${euros(subtotal)}, tip ${euros(tip)}`);
  }
  const best = day.best();
  if (best) rows.push(`best: table ${best.table} with ${euros(best.subtotal)}`);
  rows.push(`total: ${euros(day.total)}`);
  return rows.join("\n") + "\n";
}

export function csv(day) {
  const names = ["table", "total", "tip"];
  const rows = day.orders.map((order) => names.map((name) => order[name]).join(","));
  return [names.join(","), ...rows, ["all", day.total, day.tip].join(",")].join("\n") + "\n";
}

/** How much each article made. */
export function articles(day) {
  const by = new Map();
  for (const line of day.orders.flatMap((order) => order.lines)) {
    by.set(line.name, [...(by.get(line.name) ?? []), line]);
  }
  return [...by].map(([name, lines]) => ({ name, total: totalOf(lines) })).sort((a, b) => b.total - a.total);
}
