/** Never throws: a `then` that cannot be read is none */
export function isThenable (value: unknown): value is PromiseLike<unknown> {
  try {
    return (typeof value === 'object' || typeof value === 'function') && typeof (value as PromiseLike<unknown> | null)?.then === 'function'
  } catch {
    return false
  }
}
