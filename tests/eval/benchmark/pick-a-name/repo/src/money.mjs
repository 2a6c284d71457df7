export const euros = (cents) => (cents / 100).toFixed(2);

/** Sums things that have a total: lines, days. */
export const totalOf = (things) => things.reduce((sum, { total }) => sum + total, 0);
