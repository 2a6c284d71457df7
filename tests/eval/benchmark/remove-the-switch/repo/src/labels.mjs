// Labels for parcels.

import { weightOf } from "./weight.mjs";
import { zoneOf } from "./zones.mjs";

/** The lines of a label. The new carrier wants the weight; the old one takes parcels to the whole world. */
export function label(cart, { newShippingLabels }) {
  const zone = zoneOf(cart.country);
  if (newShippingLabels) return [cart.name, cart.country, `${weightOf(cart)} g`, zone.name];
  return [cart.name, cart.country, zone.name];
}
