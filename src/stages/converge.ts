import { makeStage } from '../pipeline/runtime/make-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { DIAL_TIMEOUT } from '../pipeline/dial-components.ts'
import { FUNCTION, listOf, MILLISECONDS, NAME } from '../pipeline/option-kinds.ts'
import type { ConvergenceWish } from '../pipeline/convergence.ts'
import type { ConnectedDial, Stage } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface ConvergeInit extends ConvergenceWish {
  /**
   * Milliseconds after the first connection in which a better one is still waited for. Default: until the node's `dialTimeout`
   * has gone by since the dial began
   */
  linger?: number
}

/**
 * Passes the first connection on at once, and after it the better ones that complete in time. All connections of the node converge:
 * new streams to a peer take the one that is preferred, and those that this node dialled and nobody needs beside it are closed
 * when they carry nothing. Of several in use on one node the one that was made last says how.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function converge (init: ConvergeInit = {}): Stage<'connections', 'connections', 'converge'> {
  checkArguments('converge()', arguments, 1)
  checkOptions('converge()', init, {
    linger: MILLISECONDS,
    prefer: FUNCTION,
    idle: MILLISECONDS,
    deadline: MILLISECONDS,
    background: listOf('protocols', NAME),
    onBetter: FUNCTION
  })
  const { linger, ...wish } = init

  return makeStage({ name: 'converge', accepts: ['connections'], yields: 'connections' }, {
    kind: 'below',
    isTrusted: true,
    perNode: ({ convergence }) => { convergence?.want(wish) },
    run: (connections, dial) => withBetter(connections, dial, linger)
  })
}

async function * withBetter (connections: AsyncIterable<Connection>, dial: ConnectedDial, linger?: number): AsyncGenerator<Connection> {
  const { clock, node: { settings: { dialTimeout = DIAL_TIMEOUT } } } = dial
  const end = clock.now() + dialTimeout
  const iterator = connections[Symbol.asyncIterator]()
  const over = Promise.withResolvers<undefined>()
  let cancel: (() => void) | undefined
  let next: Promise<IteratorResult<Connection>> | undefined
  dial.linger()

  try {
    while (true) {
      next = iterator.next()
      const result = await Promise.race([next, over.promise])

      if (result == null || result.done === true) {
        return
      }

      next = undefined
      yield result.value

      const wait = linger ?? Math.max(0, end - clock.now())
      cancel ??= wait === Infinity ? () => {} : clock.setTimeout(() => { over.resolve(undefined) }, wait)
    }
  } finally {
    cancel?.()
    // a race that is parked in its wait ends with the dial
    next?.then(({ done, value }) => { if (done !== true) dial.discard(value) }, () => {})
    iterator.return?.(undefined).catch(() => {})
  }
}
