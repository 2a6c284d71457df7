// Vouchers: a code and cents.

const CODES = { SPRING: 500, FRIEND: 1000 };

export function voucher(code, sum, { vouchers }) {
  if (!vouchers || !code) return 0;
  return Math.min(CODES[code] ?? 0, sum);
}
