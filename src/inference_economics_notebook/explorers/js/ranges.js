// Refuses what lies outside a symbol's range, by the rules of the package's own formulas.
// RANGES, which the package generates, holds for each symbol: low, high (null for none), whether
// the low end is allowed, the range in words, and the unit.

export class InputError extends Error {}

const NOISE = 1e-12;

export function within(name, value, inputs) {
  const [low, limit, lowAllowed, words, unit] = RANGES[name];
  const high = limit ?? Infinity;
  const allowed = (number) =>
    (lowAllowed ? number >= low : number > low) && number <= high && Number.isFinite(number);
  if (allowed(value)) return value;
  // A difference may come out below zero where nothing is left, a share above one where all is used.
  if (inputs && lowAllowed && low === 0 && (high === 1 || high === Infinity)) {
    const noise = high === 1 ? NOISE : NOISE * Math.max(...inputs);
    if (value >= low - noise && value <= high + noise) return Math.min(Math.max(value, low), high);
  }
  const written = unit && unit !== "dimensionless" ? `, in ${unit}` : "";
  const refused = new InputError(`${name} = ${value}: must be ${words}${written}`);
  throw Object.assign(refused, { symbol: name, value, words, unit });
}
