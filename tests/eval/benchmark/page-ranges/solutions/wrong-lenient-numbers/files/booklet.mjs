import { parsePages } from "./src/pages.mjs";
import { layout, written } from "./src/layout.mjs";

const USAGE = "usage: node booklet.mjs COUNT [--sheets-per-fold N] [--pages SPEC]";

function fail(message) {
  console.error(message);
  process.exit(2);
}

const number = (text) => (/^[1-9][0-9]{0,5}$/.test(text ?? "") ? Number(text) : fail(USAGE));

const [first, ...rest] = process.argv.slice(2);
const count = number(first);
let perFold;
let spec;
while (rest.length > 0) {
  const name = rest.shift();
  if (name === "--sheets-per-fold") perFold = number(rest.shift());
  else if (name === "--pages" && rest.length > 0) spec = rest.shift();
  else fail(USAGE);
}
let pages = Array.from({ length: count }, (_, at) => at + 1);
if (spec !== undefined) {
  try {
    pages = parsePages(spec, count);
  } catch (error) {
    fail(error.message);
  }
}
process.stdout.write(written(layout(pages, perFold)));
