import { checkOptions } from '../pipeline/check-options.ts'
import { Follow } from '../pipeline/follow.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { FUNCTION, listOf, MILLISECONDS, NAME } from '../pipeline/option-kinds.ts'
import { Wake } from '../pipeline/wake.ts'
import type { BetterConnection, ConnectionPreference } from '../pipeline/convergence.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Libp2p's own */
const DIAL_TIMEOUT = 10_000

export interface ConvergeInit {
  /**
   * Milliseconds after the first connection in which a better one is still waited for. Default: until the node's `dialTimeout`
   * has gone by since the dial began
   */
  linger?: number
  /** Which of two connections new streams take. Default: `connectionPreference()` */
  prefer?: ConnectionPreference
  /**
   * Milliseconds without an application stream after which a connection is closed that another has made redundant
   *
   * @default 30000
   */
  idle?: number
  /** Milliseconds after which such a connection is closed whatever it carries. Default: its streams are waited for */
  deadline?: number
  /** The protocols whose streams do not hold a connection open. Default: identify, identify push, ping, AutoNAT and DCUtR */
  background?: readonly string[]
  /** Called when new streams take another connection than before, which is still open */
  onBetter?: (better: BetterConnection) => void
}

/**
 * Passes the first connection on at once, and after it the better ones that complete in time. All connections of the node converge:
 * new streams to a peer take the one that is preferred, and those that this node dialled and nobody needs beside it are closed
 * when they carry nothing. Of several in use on one node the one that was made last says how.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function converge (init: ConvergeInit = {}): StageInit<'connections', 'connections', 'converge'> {
  checkOptions('converge()', init, {
    linger: MILLISECONDS,
    prefer: FUNCTION,
    idle: MILLISECONDS,
    deadline: MILLISECONDS,
    background: listOf('protocols', NAME),
    onBetter: FUNCTION
  })
  const { linger, ...wish } = init

  return check(named('converge', ['connections'], 'connections', ({ convergence, settings }) => {
    const { dialTimeout = DIAL_TIMEOUT } = settings
    convergence?.want(wish)

    return {
      run: async function * (source, dial) {
        const { clock, signal } = dial
        const end = clock.now() + dialTimeout
        const wake = new Wake()
        const upstream = new Follow(source, wake)
        let cancel: (() => void) | undefined
        let isOver = false
        dial.linger()

        try {
          while (true) {
            const connection = upstream.take()

            if (connection != null) {
              yield connection

              cancel ??= clock.setTimeout(() => {
                isOver = true
                wake.notify()
              }, linger ?? Math.max(0, end - clock.now()))
            } else if (upstream.done || isOver) {
              return
            } else {
              await wake.wait(signal)
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
