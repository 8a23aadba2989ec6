import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { CONVERGENCE_OPTIONS } from '../pipeline/convergence-init.ts'
import { BY_REACH } from '../pipeline/convergence.ts'
import { DIAL_TIMEOUT } from '../pipeline/dial-components.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { isRecord, MILLISECONDS } from '../pipeline/option-kinds.ts'
import { makeStage } from '../pipeline/runtime/make-stage.ts'
import type { ConnectedDial, Stage } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface ConvergeInit {
  /**
   * Milliseconds that the dial lingers: how long it waits for a better connection after the first one, which the caller has at once. Default: until
   * the node's `dialTimeout` has passed since the dial began
   */
  linger?: number | undefined
}

/**
 * Creates a stage below a race that yields the first connection at once, and then better ones that complete in time. Unlimited is better than
 * limited, direct is better than relayed, and `dialer(pipeline, { convergence: { order } })` ranks the transports. A dial whose first
 * connection is the best ends with it.
 *
 * In the node's own pipeline, the stage also makes the connections to each peer converge. New streams use the preferred connection. Redundant
 * connections that this node dialled are closed when they are idle.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function converge (init: ConvergeInit = {}): Stage<'connections', 'connections', 'converge'> {
  checkArguments('converge()', arguments, 1)
  const misplaced = isRecord(init) ? Object.keys(init).find(name => Object.hasOwn(CONVERGENCE_OPTIONS, name)) : undefined

  if (misplaced != null) {
    throw new InvalidPipelineError(`converge() has no option "${misplaced}", which holds for all connections of a node: write dialer(pipeline, { convergence: { ${misplaced} } })`)
  }

  checkOptions('converge()', init, { linger: MILLISECONDS })
  const { linger } = init

  return makeStage({ name: 'converge', accepts: ['connections'], yields: 'connections' }, {
    kind: 'below',
    isTrusted: true,
    converges: true,
    run: (connections, dial) => withBetter(connections, dial, linger)
  })
}

async function * withBetter (connections: AsyncIterable<Connection>, dial: ConnectedDial, linger?: number): AsyncGenerator<Connection> {
  const { clock, node: { settings: { dialTimeout = DIAL_TIMEOUT }, convergence = BY_REACH } } = dial
  const end = clock.now() + dialTimeout
  const iterator = connections[Symbol.asyncIterator]()
  const over = Promise.withResolvers<undefined>()
  let cancel: (() => void) | undefined
  let next: Promise<IteratorResult<Connection>> | undefined

  try {
    while (true) {
      next = iterator.next()
      const result = await (cancel == null ? next : Promise.race([next, over.promise]))

      if (result == null || result.done === true) {
        return
      }

      next = undefined

      if (convergence.isBest(result.value)) {
        yield result.value
        return
      }

      dial.linger()
      yield result.value

      const wait = linger ?? Math.max(0, end - clock.now())
      cancel ??= wait === Infinity ? () => {} : clock.setTimeout(() => { over.resolve(undefined) }, wait)
    }
  } finally {
    cancel?.()
    // not awaited: while the race waits, its next connection settles only when the dial ends
    next?.then(({ done, value }) => { if (done !== true) dial.discard(value) }, () => {})
    iterator.return?.(undefined).catch(() => {})
  }
}
