// What a cart costs.

import { freeFrom, shipping } from "./shipping.mjs";
import { voucher } from "./vouchers.mjs";

export function total(cart, on) {
  const goods = cart.items.reduce((sum, { cents, count }) => sum + cents * count, 0);
  const taken = voucher(cart.voucher, goods, on);
  let sending = shipping(cart);
  if (sending === undefined) return { error: "we do not send there, or it is too heavy" };
  if (goods - taken >= freeFrom(cart.country)) sending = 0;
  return { goods, voucher: taken, shipping: sending, total: goods - taken + sending };
}
