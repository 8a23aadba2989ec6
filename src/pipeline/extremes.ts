/**
 * Returns the lowest of any number of values, Infinity where there is none. As arguments of `Math.min()`, as many as strangers and callers
 * can name would overflow the stack
 */
export function lowest (values: Iterable<number>): number {
  let least = Infinity

  for (const value of values) {
    least = Math.min(least, value)
  }

  return least
}

/** Returns the highest of any number of values, -Infinity where there is none */
export function highest (values: Iterable<number>): number {
  let most = -Infinity

  for (const value of values) {
    most = Math.max(most, value)
  }

  return most
}
