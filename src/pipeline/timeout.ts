import { AbortError, TimeoutError } from '@libp2p/interface'
import { checkArguments } from './check-arguments.ts'
import { checkValue } from './check-options.ts'
import { named } from './named.ts'
import { compose } from './observe.ts'
import { MILLISECONDS } from './option-kinds.ts'
import { checkStages } from './order-check.ts'
import { make, runScope } from './run.ts'
import type { ConnectingStageInit, InOf } from './fallback.ts'
import type { Flow, StageInit } from './types.ts'

// made once: an Error is dear
const LEFT = new AbortError('The pipeline was left')

/**
 * Ends a pipeline that has given no connection after `ms` milliseconds, so that a `fallback` can go on
 *
 * @throws InvalidPipelineError for what is not a number of milliseconds, and for what is not a pipeline that yields connections
 */
export function timeout<const S extends ConnectingStageInit> (ms: number, pipeline: S): StageInit<InOf<S>, 'connections', 'timeout'> {
  checkArguments('timeout()', arguments, 2, 'put the stages into one pipeline(…)')
  checkValue('timeout()', ms, MILLISECONDS)
  checkStages('timeout()', 'connections', pipeline)

  return compose(named('timeout', Object.keys(pipeline.accepts) as Array<InOf<S>>, 'connections', components => {
    const made = make(pipeline, components)

    return {
      run: async function * (source: AsyncIterable<Flow[InOf<S>]>, dial) {
        const fork = dial.fork()
        const timedOut = new TimeoutError(`No connection after ${ms} ms`)
        const cancel = dial.clock.setTimeout(() => { fork.end(timedOut) }, ms)

        try {
          for await (const connection of runScope(made, source, fork)) {
            cancel()
            yield connection
          }
        } catch (err) {
          if (err !== timedOut) {
            throw err
          }
        } finally {
          cancel()
          fork.end(LEFT)
        }
      }
    }
  }, pipeline.options))
}
