// What a cart costs.

import { freeFrom, shipping } from "./shipping.mjs";
import { voucher } from "./vouchers.mjs";

export function total(cart, on) {
  const goods = cart.items.reduce((sum, { cents, count }) => sum + cents * count, 0);
  const taken = voucher(cart.voucher, goods, on);
  let sending = shipping(cart, on);
  if (sending === undefined) return { error: on.newShipping ? "we do not send there, or it is too heavy" : "we do not send there" };
  // The new rates look at what is paid, the old ones at the goods.
  const counted = on.newShipping ? goods - taken : goods;
  if (counted >= freeFrom(cart.country, on)) sending = 0;
  return { goods, voucher: taken, shipping: sending, total: goods - taken + sending };
}
