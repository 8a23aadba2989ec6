import { describeValue } from '../describe-value.ts'
import { combined, runIn } from './combined.ts'
import { InvalidPipelineError } from '../errors.ts'
import { checkStages } from '../order-check.ts'
import { Handover } from '../runtime/handover.ts'
import type { InOfAll } from './combined.ts'
import type { Connecting } from '../ordered.ts'
import type { AnyStage, Stage } from '../types.ts'

/**
 * Runs the next pipeline when the one before gave no connection. Outcomes are shared, and what one has in flight when its time is over goes
 * on in the next: no address is dialled twice, but for one whose connection was refused by a stage that does not stand below the next, as
 * `verify()` may.
 *
 * @throws InvalidPipelineError for what is not a pipeline that yields connections
 */
export function fallback<const S extends readonly [unknown, ...unknown[]]> (...alternatives: { [K in keyof S]: Connecting<S[K]> }): Stage<InOfAll<S[number]>, 'connections', 'fallback'> {
  const pipelines = alternatives as unknown as readonly [AnyStage, ...AnyStage[]]

  if (pipelines.length === 0) {
    throw new InvalidPipelineError('fallback() needs one or more pipelines that yield connections: write fallback(pipeline(…, race()), race())')
  }

  if (Array.isArray(pipelines[0])) {
    throw new InvalidPipelineError(`fallback() takes its pipelines one by one, not ${describeValue(pipelines[0])}: write fallback(...pipelines)`)
  }

  checkStages('fallback()', 'connections', ...pipelines)

  return combined('fallback', pipelines, async function * (alternatives, { part }) {
    const handover = new Handover()

    try {
      for (const alternative of alternatives) {
        if (yield * runIn(part.fork({ handover }), alternative)) {
          return
        }
      }
    } finally {
      handover.end()
    }
  })
}
