// What each of two guests pays.
export default ({ subtotal, tip }) => {
  const half = Math.ceil((subtotal + tip) / 2);
  return `${half} each`;
};
