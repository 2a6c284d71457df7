// What shipping costs.

import { weightOf } from "./weight.mjs";
import { zoneOf } from "./zones.mjs";

const STEPS = [
  [1000, 390],
  [5000, 590],
  [10000, 890],
  [31500, 1690],
];

/** Cents, or undefined if it cannot be sent. */
export function shipping(cart) {
  if (cart.items.every((item) => item.digital)) return 0;
  const zone = zoneOf(cart.country, { strict: true });
  if (!zone) return undefined;
  const weight = weightOf(cart);
  const step = STEPS.find(([most]) => weight <= most);
  return step && Math.round(step[1] * zone.factor);
}

/** From which sum on shipping is free. */
export function freeFrom(country) {
  return country === "CH" ? 10000 : 15000;
}
