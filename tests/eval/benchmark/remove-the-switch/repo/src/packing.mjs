// Which box a cart needs.

const BOXES = [
  { name: "small", litres: 4 },
  { name: "medium", litres: 12 },
  { name: "large", litres: 40 },
];

/** The smallest box, undefined if there is none that large, null if there is nothing to pack. */
export function box(cart) {
  const items = cart.items.filter((item) => !item.digital);
  if (items.length === 0) return null;
  const litres = items.reduce((sum, { litres: each = 1, count }) => sum + each * count, 0);
  // A tenth is air.
  return BOXES.find((one) => one.litres * 0.9 >= litres)?.name;
}
