// Weights in grams.

const BOX = 120;

export function weightOf(cart) {
  return cart.items.filter((item) => !item.digital).reduce((sum, { weight, count }) => sum + weight * count, BOX);
}
