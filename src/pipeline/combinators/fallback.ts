import { describeValue } from '../describe-value.ts'
import { InvalidPipelineError } from '../errors.ts'
import { Handover } from '../runtime/part.ts'
import { checkPipelines } from '../stage-order.ts'
import { makeCombinator, runIn } from './make-combinator.ts'
import type { Connecting } from '../stage-order.ts'
import type { AnyStage, Candidate, Flow, Stage } from '../types.ts'

/**
 * Creates a stage that runs the next pipeline when the one before has yielded no connection. The pipelines share outcomes and attempts: attempts
 * in flight go on in the next pipeline, and no address is dialled twice. The exception is an address whose connection a stage such as `verify()`
 * refused, or was still checking: a pipeline without that stage may dial the address again. The same holds for a relayed address when filters
 * dropped an address of its relay, and the next pipeline does not have these filters.
 *
 * Only the last pipeline asks the stages above once more when every attempt has failed. If that brings addresses that it drops, the pipelines run
 * again, from the first.
 *
 * ```ts
 * fallback(timeout(1_000, pipeline(certified(), race())), race())
 * ```
 *
 * @throws InvalidPipelineError if an argument is not a pipeline that yields connections
 */
export function fallback<const S extends readonly [unknown, ...unknown[]]> (...alternatives: { [K in keyof S]: Connecting<S[K]> }): Stage<InOfAll<S[number]>, 'connections', 'fallback'> {
  const pipelines = alternatives as unknown as readonly [AnyStage, ...AnyStage[]]

  if (pipelines.length === 0) {
    throw new InvalidPipelineError('fallback() needs one or more pipelines that yield connections: write fallback(pipeline(…, race()), race())')
  }

  if (Array.isArray(pipelines[0])) {
    throw new InvalidPipelineError(`fallback() takes its pipelines one by one, not ${describeValue(pipelines[0])}: write fallback(...pipelines)`)
  }

  checkPipelines('fallback()', ...pipelines)

  return makeCombinator('fallback', pipelines, async function * (alternatives, dial, above) {
    const { part } = dial
    const handover = new Handover()
    let listed: readonly Candidate[] = []

    try {
      do {
        for (const alternative of alternatives) {
          listed = above()

          if (yield * runIn(part.fork({ handover }), alternative)) {
            return
          }
        }
        // the last alternative may drop what its last call has brought, and another alternative may dial it
      } while (above().some(one => !dial.tried(one) && !listed.some(({ id }) => id === one.id)))
    } finally {
      handover.end()
    }
  })
}

type InOfAll<S> = keyof Extract<S, AnyStage>['accepts'] & keyof Flow
