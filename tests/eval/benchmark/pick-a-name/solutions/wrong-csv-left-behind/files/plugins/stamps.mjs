// A stamp on the card for each ten euros.
export default (order) => {
  const stamps = Math.floor(order.subtotal / 1000);
  return stamps > 0 ? `${stamps} stamps` : undefined;
};
