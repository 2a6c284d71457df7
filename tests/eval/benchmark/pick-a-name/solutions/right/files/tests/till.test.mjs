import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Day } from "../src/day.mjs";
import { Order } from "../src/order.mjs";
import { articles, csv, report } from "../src/report.mjs";

const day = () => Day.parse(readFileSync(new URL("../day.json", import.meta.url), "utf8"));

test("an order knows what it costs", () => {
  assert.equal(new Order(1).add("Tea", 280, 2).subtotal, 560);
});

test("the report", () => {
  assert.match(report(day()), /table 4: total 12.60, tip 1.50/);
  assert.match(csv(day()), /^table,total,tip\n4,1260,150\n/);
  assert.equal(articles(day())[0].total, 960);
});
