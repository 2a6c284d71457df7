// What each of two guests pays.
export default ({ total, tip }) => {
  const half = Math.ceil((total + tip) / 2);
  return `${half} each`;
};
