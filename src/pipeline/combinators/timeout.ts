import { TimeoutError } from '@libp2p/interface'
import { checkArguments, checkValue } from '../check-options.ts'
import { isStage } from '../describe-value.ts'
import { MILLISECONDS } from '../option-kinds.ts'
import { checkPipelines } from '../stage-order.ts'
import { STILL_WAITING } from '../runtime/dial-host.ts'
import { makeCombinator, runIn } from './make-combinator.ts'
import type { Alternative } from '../runtime/make-stage.ts'
import type { Connecting, InOf } from '../stage-order.ts'
import type { AnyStage, Stage } from '../types.ts'

/** `M` if it is a number. The compiler's error text for a stage, and `number` for any other type */
type MillisecondsFirst<M> = M extends AnyStage ? 'timeout() takes the milliseconds first: write timeout(ms, pipeline)' : M extends number ? M : number

/**
 * Creates a stage that ends a pipeline when it has yielded no connection after `ms` milliseconds. A `fallback` around it then runs its next
 * pipeline.
 *
 * @param ms milliseconds until the pipeline ends, 0 or more, or Infinity
 * @throws InvalidPipelineError if `ms` is not a number of milliseconds, or `pipeline` is not a pipeline that yields connections
 */
export function timeout<const S, const M = number> (ms: MillisecondsFirst<M>, pipeline: Connecting<S>): Stage<InOf<S>, 'connections', 'timeout'> {
  checkArguments('timeout()', arguments, 2, 'put the stages into one pipeline(…)')
  checkValue('timeout()', ms, { ...MILLISECONDS, advise: value => isStage(value) ? 'timeout(ms, pipeline)' : undefined })
  checkPipelines('timeout()', pipeline as unknown as AnyStage)
  const limit = ms as number

  return makeCombinator('timeout', [pipeline as unknown as AnyStage], async function * ([whole], { part }) {
    const inner = part.fork()
    const { host } = part
    let timedOut: Error | undefined
    const cancel = limit === Infinity ? () => {} : part.after(limit, () => {
      const { awaited = [] } = host
      timedOut = new TimeoutError(`No connection after ${limit} ms${awaited.length === 0 ? '' : `: ${STILL_WAITING} ${awaited.join(', ')}`}`)
      host.story.timedOut(timedOut)
      part.memory.timedOut()
      inner.end(timedOut)
    })

    try {
      for await (const connection of runIn(inner, whole as Alternative)) {
        cancel()
        yield connection
      }
    } catch (err) {
      if (timedOut == null || err !== timedOut) {
        throw err
      }
    } finally {
      cancel()
    }
  })
}
