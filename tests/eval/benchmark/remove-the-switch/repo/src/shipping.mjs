// What shipping costs.

import { weightOf } from "./weight.mjs";
import { zoneOf } from "./zones.mjs";
import { legacyRate } from "./legacy-rates.mjs";

const STEPS = [
  [1000, 390],
  [5000, 590],
  [10000, 890],
  [31500, 1690],
];

/** Cents, or undefined if it cannot be sent. */
export function shipping(cart, { newShipping }) {
  if (cart.items.every((item) => item.digital)) return 0;
  const zone = zoneOf(cart.country, { strict: newShipping });
  if (!zone) return undefined;
  if (!newShipping) {
    const count = cart.items.reduce((sum, item) => sum + item.count, 0);
    return legacyRate(count, zone);
  }
  const weight = weightOf(cart);
  const step = STEPS.find(([most]) => weight <= most);
  return step && Math.round(step[1] * zone.factor);
}

/** From which sum on shipping is free; the old rates had none for abroad. */
export function freeFrom(country, { newShipping }) {
  if (country === "CH") return 10000;
  return newShipping ? 15000 : Infinity;
}
