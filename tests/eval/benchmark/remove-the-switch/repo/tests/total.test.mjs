import assert from "node:assert/strict";
import { test } from "node:test";

import { legacyRate } from "../src/legacy-rates.mjs";
import { shipping } from "../src/shipping.mjs";
import { total } from "../src/total.mjs";

const cart = (country, ...items) => ({ name: "Kim", country, items });
const book = { cents: 2000, count: 1, weight: 700 };

test("old shipping counts articles", () => {
  assert.equal(shipping(cart("CH", book, book), { newShipping: false }), 550);
  assert.equal(legacyRate(3, { name: "near" }), 1100);
});

test("new shipping weighs them", () => {
  assert.equal(shipping(cart("CH", book), { newShipping: true }), 390);
  assert.equal(shipping(cart("DE", book, book), { newShipping: true }), 1062);
  assert.equal(shipping(cart("US", book), { newShipping: true }), undefined);
});

test("totals", () => {
  assert.deepEqual(total(cart("CH", book), { newShipping: true, vouchers: false }), { goods: 2000, voucher: 0, shipping: 390, total: 2390 });
});
