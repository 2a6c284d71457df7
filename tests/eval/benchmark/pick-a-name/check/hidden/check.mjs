import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { Day } from "../src/day.mjs";
import { totalOf } from "../src/money.mjs";
import { Order } from "../src/order.mjs";
import { Plugins } from "../src/plugins.mjs";
import { articles, csv, report } from "../src/report.mjs";
import { Stock } from "../src/stock.mjs";
import split from "../plugins/split.mjs";
import stamps from "../plugins/stamps.mjs";

const same = assert.deepEqual;
const order = new Order(3).add("Tea", 280, 2).add("Cake", 700);
order.tip = 40;
same(order.subtotal, 1260);
assert.ok(!("total" in order), "Order still has `total`");
same(order.paid, 1300);
same(JSON.parse(JSON.stringify(order)), {
  table: 3, tip: 40, total: 1260,
  lines: [{ name: "Tea", cents: 280, count: 2, total: 560 }, { name: "Cake", cents: 700, count: 1, total: 700 }],
});
same(Order.fromJSON(JSON.parse(JSON.stringify(order))).subtotal, 1260);
assert.throws(() => Order.fromJSON({ table: 1, total: 5, lines: [] }), /total is 5, but the lines make 0/);
const text = readFileSync("day.json", "utf8");
const day = Day.parse(text);
same(day.total, 1540);
same(totalOf([{ total: 1 }, { total: 2 }]), 3);
same(day.best().table, 4);
day.orders.reverse();
same(day.best().table, 4);
day.orders.reverse();
same(JSON.parse(JSON.stringify(day)).total, 1540);
same(JSON.parse(JSON.stringify(day)).orders.map((one) => one.total), [1260, 280]);
same(report(day), `Report of 2026-05-02
table 4: total 12.60, tip 1.50
table 2: total 2.80, tip 0.00
best: table 4 with 12.60
total: 15.40
`);
same(csv(day), "table,total,tip\n4,1260,150\n2,280,0\nall,1540,150\n");
same(articles(day), [{ name: "Coffee", total: 960 }, { name: "Cake", total: 300 }, { name: "Tea", total: 280 }]);
const plugins = new Plugins();
plugins.add(stamps);
plugins.add(split);
same(plugins.paid(order), ["1 stamps", "650 each"]);
const stock = new Stock();
stock.put("Tea", 3, 100);
stock.put("Cake", 2, 250);
same([stock.take("Tea", 1), stock.take("Cake", 9), stock.total, stock.low(2)], [true, false, 700, ["Cake", "Tea"]]);
same(execFileSync("node", ["src/main.mjs", "day.json", "--csv"], { encoding: "utf8" }), csv(day));
assert.match(readFileSync("README.md", "utf8"), /order\.subtotal/, "README.md has the old name");
assert.doesNotMatch(readFileSync("README.md", "utf8"), /order\.total/, "README.md has the old name");
assert.match(readFileSync("README.md", "utf8"), /\(`total`, `tip`, `table`\)/);
console.log("passed");
