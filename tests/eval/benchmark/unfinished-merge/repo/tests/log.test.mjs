import assert from "node:assert/strict";
import { test } from "node:test";

import { logged } from "../src/log.mjs";

test("answers are logged", () => {
  const lines = [];
  let now = 0;
  const router = { handle: () => ({ status: 200, body: "x" }) };
  const answer = logged(router, (text) => lines.push(text), () => (now += 2)).handle({ method: "GET", path: "/a" });
  assert.equal(answer.body, "x");
  assert.deepEqual(lines, ["GET    /a 200 3 - 2.0ms"]);
});
