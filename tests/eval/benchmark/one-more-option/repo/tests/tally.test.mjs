import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../src/options.mjs";
import { tally } from "../src/tally.mjs";

const line = (path, status = 200) => `192.0.2.1 - kim [10/Oct/2026:13:55:36 +0200] "GET ${path} HTTP/1.1" ${status} 12`;

test("paths are counted", () => {
  const { rows, skipped } = tally([line("/a"), line("/b"), line("/b"), "x", ""], parse([]));
  assert.deepEqual({ rows, skipped }, { rows: [["/b", 2], ["/a", 1]], skipped: 1 });
});

test("options", () => {
  assert.equal(parse(["--top=3"]).top, 3);
  assert.throws(() => parse(["--top", "0"]));
  assert.throws(() => parse(["--since"]));
});
