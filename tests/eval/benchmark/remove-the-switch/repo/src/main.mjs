import { readFileSync } from "node:fs";

import { label } from "./labels.mjs";
import { switches } from "./switches.mjs";
import { total } from "./total.mjs";

const cart = JSON.parse(readFileSync(process.argv[2] ?? 0, "utf8"));
const on = switches();
const sums = total(cart, on);
if (sums.error) {
  console.error(`checkout: ${sums.error}`);
  process.exit(1);
}
for (const [name, cents] of Object.entries(sums)) console.log(`${name} ${(cents / 100).toFixed(2)}`);
console.log(label(cart, on).join(" / "));
