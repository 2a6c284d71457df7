import assert from "node:assert/strict";
import { test } from "node:test";

import { next, upcoming } from "../src/rule.mjs";
import { written } from "../src/text.mjs";

const rule = { zone: "Europe/Berlin", time: "09:00", every: "day", from: "2026-01-01" };

test("in winter", () => {
  assert.equal(next(rule, new Date("2026-01-10T07:59:00Z")).toISOString(), "2026-01-10T08:00:00.000Z");
  assert.equal(next(rule, new Date("2026-01-10T08:00:00Z")).toISOString(), "2026-01-11T08:00:00.000Z");
});

test("months", () => {
  const monthly = { ...rule, every: "month", from: "2026-01-31" };
  const days = upcoming(monthly, new Date("2026-01-01T00:00:00Z"), 3).map((date) => written(date, rule.zone));
  assert.deepEqual(days, ["2026-01-31 09:00 +01:00", "2026-02-28 09:00 +01:00", "2026-03-31 09:00 +02:00"]);
});
