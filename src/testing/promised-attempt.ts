import { toError } from '../pipeline/errors.ts'
import type { AttemptListener, BegunAttempt } from '../pipeline/runtime/dial-host.ts'
import type { Connection } from '@libp2p/interface'

/** Starts an attempt from a function that returns a promise. A connection that arrives after a cancel is passed to `discard` */
export function promisedAttempt (make: (signal: AbortSignal) => Promise<Connection>, listener: AttemptListener, discard: (connection: Connection) => void): BegunAttempt {
  const controller = new AbortController()
  let isCancelled = false

  make(controller.signal).then(connection => {
    if (isCancelled) {
      discard(connection)
    } else {
      listener.onConnected(connection)
    }
  }, err => {
    if (!isCancelled) {
      listener.onFailed(toError(err))
    }
  })

  return {
    cancel: reason => {
      isCancelled = true
      controller.abort(reason)
    }
  }
}
