import assert from "node:assert/strict";
import { test } from "node:test";

import { layout, written } from "../src/layout.mjs";

const upTo = (count) => Array.from({ length: count }, (_, at) => at + 1);

test("eight pages are two sheets", () => {
  assert.equal(written(layout(upTo(8))), "1: 8 1 | 2 7\n2: 6 3 | 4 5\n");
});

test("what is missing at the end is empty", () => {
  assert.equal(written(layout(upTo(5))), "1: - 1 | 2 -\n2: - 3 | 4 5\n");
});

test("several folds", () => {
  assert.equal(written(layout(upTo(8), 1)), "1: 4 1 | 2 3\n2: 8 5 | 6 7\n");
});
