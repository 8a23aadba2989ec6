// as arguments of Math.min(), as many values as strangers and callers can name would overflow the stack

/** Returns the lowest of any number of values, Infinity where there is none */
export function lowest (values: Iterable<number>): number {
  return Array.from(values).reduce((least, value) => Math.min(least, value), Infinity)
}

/** Returns the highest of any number of values, -Infinity where there is none */
export function highest (values: Iterable<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, value), -Infinity)
}
