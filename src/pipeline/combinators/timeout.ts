import { AbortError, TimeoutError } from '@libp2p/interface'
import { acceptedByAll } from './accepted.ts'
import { checkArguments } from '../check-arguments.ts'
import { checkValue } from '../check-options.ts'
import { MILLISECONDS } from '../option-kinds.ts'
import { checkStages } from '../order-check.ts'
import { makeStage } from '../runtime/make-stage.ts'
import type { Alternative } from '../runtime/plan.ts'
import type { ConnectingStage } from './accepted.ts'
import type { InOf } from '../ordered.ts'
import type { Stage } from '../types.ts'

// made once: an Error is dear
const LEFT = new AbortError('The pipeline was left')

/**
 * Ends a pipeline that has given no connection after `ms` milliseconds, so that a `fallback` can go on
 *
 * @throws InvalidPipelineError for what is not a number of milliseconds, and for what is not a pipeline that yields connections
 */
export function timeout<const S extends ConnectingStage> (ms: number, pipeline: S): Stage<InOf<S>, 'connections', 'timeout'> {
  checkArguments('timeout()', arguments, 2, 'put the stages into one pipeline(…)')
  checkValue('timeout()', ms, MILLISECONDS)
  checkStages('timeout()', 'connections', pipeline)

  return makeStage({ name: 'timeout', accepts: acceptedByAll([pipeline]) as Array<InOf<S>>, yields: 'connections', options: pipeline.options }, {
    kind: 'combined',
    pipelines: [pipeline],
    connect: async function * ([alternative], { part }) {
      const inner = part.fork()
      const timedOut = new TimeoutError(`No connection after ${ms} ms`)
      const cancel = ms === Infinity ? () => {} : part.after(ms, () => {
        part.host.story.timeouts.push(timedOut)
        inner.end(timedOut)
      })

      try {
        for await (const connection of (alternative as Alternative)(inner)) {
          cancel()
          yield connection
        }
      } catch (err) {
        if (err !== timedOut) {
          throw err
        }
      } finally {
        cancel()
        inner.end(LEFT)
      }
    }
  })
}
