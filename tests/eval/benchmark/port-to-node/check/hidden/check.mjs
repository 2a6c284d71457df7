import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as ours from "../src/labels.mjs";

// The results of labels.py.
const all = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
const wrong = [];
const zero = (value) => (Object.is(value, -0) ? 0 : Array.isArray(value) ? value.map(zero) : value);
function want(name, arguments_, result) {
  try {
    assert.deepEqual(zero(ours[name](...arguments_)), result);
  } catch (error) {
    wrong.push(`${name}(${JSON.stringify(arguments_).slice(0, 120)}): ${error.message.slice(0, 600)}`);
  }
}
for (const name of ["age", "fee", "shelf", "wrap", "title"]) {
  for (const vector of all[name]) want(name, vector.slice(0, -1), vector.at(-1));
}
for (const [width, result] of all.labels) want("labels", [all.members, all.today, width], result);
want("labels", [all.members, all.today], all.labels[1][1]);
want("labels", [[], all.today], all.labels0);
for (const [members, result] of all.mean) want("meanAge", [members, all.today], result);
console.log(wrong.length === 0 ? "passed" : wrong.join("\n"));
