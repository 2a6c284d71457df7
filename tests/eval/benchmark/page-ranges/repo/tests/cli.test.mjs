import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../booklet.mjs", import.meta.url));
const run = (...more) => spawnSync("node", [program, ...more], { encoding: "utf8" });

test("the program prints sheets", () => {
  const ended = run("8", "--sheets-per-fold", "1");
  assert.equal(ended.status, 0);
  assert.equal(ended.stdout, "1: 4 1 | 2 3\n2: 8 5 | 6 7\n");
});

test("wrong arguments are an error", () => {
  for (const more of [[], ["0"], ["x"], ["8", "--sheets-per-fold"], ["8", "--what"]]) {
    const ended = run(...more);
    assert.equal(ended.status, 2, more.join(" "));
    assert.match(ended.stderr, /^usage: /);
  }
});
