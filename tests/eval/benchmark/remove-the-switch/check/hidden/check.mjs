import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { label } from "../src/labels.mjs";
import { freeFrom, shipping } from "../src/shipping.mjs";
import { switches } from "../src/switches.mjs";
import { total } from "../src/total.mjs";

const same = assert.deepEqual;
const cart = (country, items, more) => ({ name: "Kim", country, items, ...more });
const book = { cents: 2000, count: 1, weight: 700 };
const on = { newShippingLabels: false, vouchers: true };
same(switches({}), { newShippingLabels: false, vouchers: true });
same(switches({ SWITCH_NEW_SHIPPING_LABELS: "on", SWITCH_VOUCHERS: "off", SWITCH_NEW_SHIPPING: "off" }), { newShippingLabels: true, vouchers: false });
same(shipping(cart("CH", [book])), 390);
same(shipping(cart("DE", [book, book])), 1062);
same(shipping(cart("US", [book])), undefined);
same(shipping(cart("CH", [{ ...book, weight: 40000 }])), undefined);
same(shipping(cart("US", [{ cents: 1, count: 1, digital: true }])), 0);
same([freeFrom("CH"), freeFrom("DE")], [10000, 15000]);
same(total(cart("CH", [book]), on), { goods: 2000, voucher: 0, shipping: 390, total: 2390 });
same(total(cart("CH", [{ ...book, cents: 10200 }], { voucher: "SPRING" }), on), { goods: 10200, voucher: 500, shipping: 390, total: 10090 });
same(total(cart("CH", [{ ...book, cents: 10200 }], { voucher: "SPRING" }), { ...on, vouchers: false }), { goods: 10200, voucher: 0, shipping: 0, total: 10200 });
same(total(cart("DE", [{ ...book, cents: 15000 }]), on).shipping, 0);
same(total(cart("US", [book]), on), { error: "we do not send there, or it is too heavy" });
// Labels are another matter: their zones are those of the whole world still.
same(label(cart("US", [book]), on), ["Kim", "US", "world"]);
same(label(cart("DE", [book]), { ...on, newShippingLabels: true }), ["Kim", "DE", "820 g", "near"]);
const run = (environment) => spawnSync("node", ["src/main.mjs", "cart.json"], { env: { ...process.env, ...environment }, encoding: "utf8" });
same(run({}).stdout, "goods 107.00\nvoucher 5.00\nshipping 10.62\ntotal 112.62\nKim / DE / near\n");
same(run({ SWITCH_NEW_SHIPPING: "off" }).stdout, run({}).stdout);
for (const folder of ["src", "config", "tests", "."]) {
  for (const name of readdirSync(folder).filter((one) => /\.(mjs|json|md)$/.test(one))) {
    const text = readFileSync(`${folder}/${name}`, "utf8");
    assert.doesNotMatch(text, /newShipping(?!Labels)|NEW_SHIPPING(?!_LABELS)/, `${folder}/${name} has the switch`);
    if (folder === "src") assert.doesNotMatch(text, /legacy|\bold rates\b/i, `src/${name} has the old rates`);
  }
}
assert.ok(!existsSync("src/legacy-rates.mjs"), "the old rates are still there");
same(JSON.parse(readFileSync("config/switches.json", "utf8")), { newShippingLabels: false, vouchers: true });
assert.match(readFileSync("README.md", "utf8"), /`newShippingLabels`[^]*`vouchers`/);
const tests = spawnSync("node", ["--test", "tests/"], { encoding: "utf8" });
same(tests.status, 0, tests.stdout);
assert.match(readFileSync("tests/total.test.mjs", "utf8"), /shipping\(cart\("DE", book, book\)/, "the tests of shipping are gone");
console.log("passed");
