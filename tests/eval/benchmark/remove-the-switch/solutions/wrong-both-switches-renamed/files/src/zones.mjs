// Countries and their zones.

const ZONES = {
  CH: { name: "home", factor: 1 },
  LI: { name: "home", factor: 1 },
  DE: { name: "near", factor: 1.8 },
  AT: { name: "near", factor: 1.8 },
  FR: { name: "near", factor: 1.8 },
};

const WORLD = { name: "world", factor: 3.5 };

/** The zone of a country.  */
export function zoneOf(country, { strict = false } = {}) {
  return ZONES[country] ?? (strict ? undefined : WORLD);
}
