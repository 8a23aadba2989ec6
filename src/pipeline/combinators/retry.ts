import { checkArguments, checkOptions } from '../check-options.ts'
import { doubledDelay, sleep } from '../clock.ts'
import { isFinal } from '../errors.ts'
import { FINITE_MILLISECONDS, LIMIT } from '../option-kinds.ts'
import { checkPipelines } from '../stage-order.ts'
import { makeCombinator, runIn } from './make-combinator.ts'
import type { Alternative } from '../runtime/make-stage.ts'
import type { Part } from '../runtime/part.ts'
import type { Connecting, InOf } from '../stage-order.ts'
import type { AnyStage, Stage } from '../types.ts'

export interface RetryInit {
  /** The number of retries after the first run @default 1 */
  retries?: number | undefined
  /** Milliseconds before the first retry. Each further retry doubles the delay @default 1000 */
  delay?: number | undefined
}

/**
 * Creates a stage that runs a pipeline again when it has yielded no connection, also after a `timeout` inside it. Every run begins with no
 * outcomes. It does not retry when nothing was tried, or when all failures are final, such as a denial of the gater or a wrong peer.
 *
 * @throws InvalidPipelineError if `pipeline` is not a pipeline that yields connections, and for an unknown or wrong option
 */
export function retry<const S> (pipeline: Connecting<S>, init: RetryInit = {}): Stage<InOf<S>, 'connections', 'retry'> {
  checkArguments('retry()', arguments, 2)
  checkPipelines('retry()', pipeline as unknown as AnyStage)
  checkOptions('retry()', init, { retries: LIMIT, delay: FINITE_MILLISECONDS })
  const { retries = 1, delay = 1_000 } = init

  return makeCombinator('retry', [pipeline as unknown as AnyStage], async function * ([whole], { part }) {
    for (let tries = 0; ; tries++) {
      const inner = part.fork({ fresh: true })

      const hasConnected = yield * runIn(inner, whole as Alternative)

      if (hasConnected || tries >= retries || !canChange(inner)) {
        return
      }

      await sleep(doubledDelay(delay, tries), part.clock, part.signal)
    }
  })
}

function canChange ({ memory: { hasTimedOut, outcomes } }: Part): boolean {
  return hasTimedOut || outcomes.some(outcome => outcome.status === 'failed' && !isFinal(outcome.error))
}
