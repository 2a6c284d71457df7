// The rates before May: by the count of articles.

const RATES = { home: [500, 50], near: [900, 100], world: [2500, 400] };

export function legacyRate(count, zone) {
  const [base, each] = RATES[zone.name];
  return base + each * Math.max(0, count - 1);
}
