import { Follow } from '../pipeline/follow.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { Wake } from '../pipeline/wake.ts'
import { Drains } from './drains.ts'
import type { StageInit } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface BetterConnection {
  previous: Connection
  preferred: Connection
}

export interface ConvergeInit {
  /**
   * Milliseconds after the first connection in which a better one is still waited for
   *
   * @default 2000
   */
  linger?: number
  /**
   * Milliseconds without an application stream after which a connection that callers were given, and that is no longer
   * preferred, is closed
   *
   * @default 30000
   */
  idle?: number
  /** Called when a better connection has completed */
  onBetter?: (better: BetterConnection) => void
}

/**
 * Passes the first connection on at once, and after it the better ones that complete in time. A connection that is no
 * longer preferred is closed once it carries no application stream, and never when it is the last to its peer.
 */
export function converge ({ linger = 2_000, idle = 30_000, onBetter }: ConvergeInit = {}): StageInit<'connections', 'connections', 'converge'> {
  return check(named('converge', ['connections'], 'connections', components => {
    const drains = new Drains(components, idle)

    return {
      run: async function * (source, dial) {
        const wake = new Wake()
        const upstream = new Follow(source, wake)
        let preferred: Connection | undefined
        let cancel: (() => void) | undefined
        let isOver = false
        dial.linger()

        try {
          while (true) {
            const connection = upstream.take()

            if (connection != null) {
              const previous = preferred
              preferred = connection
              yield connection

              if (previous != null) {
                drains.drain(previous)
                notify(onBetter, { previous, preferred }, dial.log)
              }

              cancel ??= dial.clock.setTimeout(() => {
                isOver = true
                wake.notify()
              }, linger)
            } else if (upstream.done || isOver) {
              return
            } else {
              await wake.wait(dial.signal)
            }
          }
        } finally {
          cancel?.()
          upstream.leave(late => { dial.discard(late) })
        }
      }
    }
  }))
}

function notify (onBetter: ConvergeInit['onBetter'], better: BetterConnection, log: { error (message: string, ...args: unknown[]): void }): void {
  try {
    onBetter?.(better)
  } catch (err) {
    log.error('the callback for a better connection failed - %e', err)
  }
}
