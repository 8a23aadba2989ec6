const errors = new WeakSet<Error>()

/** Notes what a dial failed with, where that is a connection which closed before anybody was given it */
export function noteClosed (error: unknown): void {
  if (isClosed(error)) {
    errors.add(error)
  }
}

/** A connection has closed, which a dial had given to several: not one that closed in its dial */
export function wasClosedAfterDial (error: unknown): boolean {
  return isClosed(error) && !errors.has(error)
}

function isClosed (error: any): error is Error {
  return error?.name === 'ConnectionClosedError'
}
