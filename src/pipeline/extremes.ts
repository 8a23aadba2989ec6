// Math.min(...values) would overflow the stack: remote peers and callers can pass any number of values

/** Returns the lowest value, Infinity for none */
export function lowest (values: Iterable<number>): number {
  return Array.from(values).reduce((least, value) => Math.min(least, value), Infinity)
}

/** Returns the highest value, -Infinity for none */
export function highest (values: Iterable<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, value), -Infinity)
}
