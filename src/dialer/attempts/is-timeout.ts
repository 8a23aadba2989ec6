/** Whether the reason of a signal is that time ran out, of whoever aborted it */
export function isTimeout (reason: unknown): reason is Error {
  return reason instanceof Error && reason.name === 'TimeoutError'
}
