#!/usr/bin/env node
import { readFileSync } from "node:fs";

import { HELP } from "./src/help.mjs";
import { parse, UsageError } from "./src/options.mjs";
import { table, tally } from "./src/tally.mjs";

function main() {
  const options = parse(process.argv.slice(2));
  if (options.help) return process.stdout.write(HELP);
  if (options.version) {
    const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
    return process.stdout.write(`tally ${version}\n`);
  }
  const files = options.files.length > 0 ? options.files : [0];
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const { rows, skipped } = tally(lines, options);
  process.stdout.write(options.json ? `${JSON.stringify(Object.fromEntries(rows))}\n` : table(rows));
  if (skipped > 0) console.error(`tally: ${skipped} lines were skipped`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError) && error.code === undefined) throw error;
  console.error(`tally: ${error.message}`);
  process.exitCode = 2;
}
