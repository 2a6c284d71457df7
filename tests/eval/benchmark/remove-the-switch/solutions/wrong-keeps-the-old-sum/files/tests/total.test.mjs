import assert from "node:assert/strict";
import { test } from "node:test";

import { shipping } from "../src/shipping.mjs";
import { total } from "../src/total.mjs";

const cart = (country, ...items) => ({ name: "Kim", country, items });
const book = { cents: 2000, count: 1, weight: 700 };

test("shipping is by weight", () => {
  assert.equal(shipping(cart("CH", book)), 390);
  assert.equal(shipping(cart("DE", book, book)), 1062);
  assert.equal(shipping(cart("US", book)), undefined);
});

test("totals", () => {
  assert.deepEqual(total(cart("CH", book), { vouchers: false }), { goods: 2000, voucher: 0, shipping: 390, total: 2390 });
});
