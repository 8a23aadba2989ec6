import { AbortError } from '@libp2p/interface'
import pRetry from 'p-retry'
import { checkOptions } from './check-options.ts'
import { sleep } from './clock.ts'
import { isFinal } from './errors.ts'
import { named } from './named.ts'
import { compose } from './observe.ts'
import { FINITE_MILLISECONDS, LIMIT } from './option-kinds.ts'
import { checkStages } from './order-check.ts'
import { Replay } from './replay.ts'
import { make, runScope } from './run.ts'
import type { ConnectingStageInit, InOf } from './fallback.ts'
import type { Flow, ForkedDial, StageInit } from './types.ts'
import type { Connection } from '@libp2p/interface'

export interface RetryInit {
  /** How many times, after the first @default 1 */
  retries?: number
  /** Milliseconds before the first retry, doubled for each that follows @default 1000 */
  delay?: number
}

class NoConnection extends Error {}

/**
 * Runs a pipeline again when it gave no connection, each time with a fresh memory of what was tried. Not when every
 * failure is one that cannot change (the gater, the wrong peer), nor when nothing was tried at all.
 *
 * @throws InvalidPipelineError for what is not a pipeline that yields connections, and an unknown or wrong option
 */
export function retry<const S extends ConnectingStageInit> (pipeline: S, init: RetryInit = {}): StageInit<InOf<S>, 'connections', 'retry'> {
  checkStages('retry()', 'connections', pipeline)
  checkOptions('retry()', init, { retries: LIMIT, delay: FINITE_MILLISECONDS })
  const { retries = 1, delay = 1000 } = init

  return compose(named('retry', Object.keys(pipeline.accepts) as Array<InOf<S>>, 'connections', components => {
    const made = make(pipeline, components)

    return {
      run: async function * (source: AsyncIterable<Flow[InOf<S>]>, dial) {
        const replay = new Replay(source)
        let fork: ForkedDial | undefined
        let connections: AsyncGenerator<Connection> | undefined

        try {
          yield await pRetry(async () => {
            fork?.end(new AbortError('The pipeline is run again'))
            fork = dial.fork({ fresh: true })
            connections = runScope(made, replay.follow(fork.signal), fork)
            const { done, value } = await connections.next()

            if (done === true) {
              throw new NoConnection()
            }

            return value
          }, {
            retries,
            // the waits are on the dial's clock
            minTimeout: 0,
            shouldRetry: ({ error }) => error instanceof NoConnection && canChange(fork),
            onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
              if (error instanceof NoConnection && retriesLeft > 0 && canChange(fork)) {
                await sleep(delay * 2 ** (attemptNumber - 1), dial.clock, dial.signal)
              }
            }
          })

          yield * connections ?? []
        } catch (err) {
          if (!(err instanceof NoConnection)) {
            throw err
          }
        } finally {
          fork?.end(new AbortError('The pipeline was left'))
          connections?.return(undefined).catch(() => {})
          replay.leave()
        }
      }
    }
  }, pipeline.options))
}

function canChange (fork?: ForkedDial): boolean {
  return fork?.outcomes.some(outcome => outcome.status === 'failed' && !isFinal(outcome.error)) === true
}
