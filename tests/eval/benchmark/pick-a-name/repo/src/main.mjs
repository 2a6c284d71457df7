import { readFileSync } from "node:fs";

import { Day } from "./day.mjs";
import { csv, report } from "./report.mjs";

const [path, form] = process.argv.slice(2);
if (!path) {
  console.error("usage: node src/main.mjs DAY.json [--csv]");
  process.exit(2);
}
const day = Day.parse(readFileSync(path, "utf8"));
process.stdout.write(form === "--csv" ? csv(day) : report(day));
