// Switches turn features on and off.

import { readFileSync } from "node:fs";

const NAMES = ["newShippingLabels", "vouchers"];

const variable = (name) => `SWITCH_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** @returns {Record<string, boolean>} */
export function switches(environment = process.env) {
  const file = JSON.parse(readFileSync(new URL("../config/switches.json", import.meta.url), "utf8"));
  for (const name of Object.keys(file)) {
    if (!NAMES.includes(name)) throw new Error(`there is no switch ${name}`);
  }
  return Object.fromEntries(
    NAMES.map((name) => {
      const set = environment[variable(name)];
      return [name, set === undefined ? file[name] === true : set === "on"];
    }),
  );
}
