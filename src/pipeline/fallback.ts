import { AbortError } from '@libp2p/interface'
import { named } from './named.ts'
import { compose } from './observe.ts'
import { checkStages } from './order-check.ts'
import { Replay } from './replay.ts'
import { make, runScope } from './run.ts'
import type { AnyStageInit, Flow, StageInit } from './types.ts'

/** A stage that yields connections, for combinators that wrap such */
export interface ConnectingStageInit extends AnyStageInit {
  readonly yields: 'connections'
}

export type InOf<S extends AnyStageInit> = keyof S['accepts'] & keyof Flow

/**
 * Runs the next pipeline when the one before gave no connection. Outcomes are shared: no address is dialled twice.
 *
 * @throws InvalidPipelineError for what is not a pipeline that yields connections
 */
export function fallback<const S extends readonly [ConnectingStageInit, ...ConnectingStageInit[]]> (...pipelines: S): StageInit<InOf<S[number]>, 'connections', 'fallback'> {
  checkStages('fallback()', 'connections', ...pipelines)
  const accepts = (Object.keys(pipelines[0].accepts) as Array<keyof Flow>).filter(flow => pipelines.every(one => one.accepts[flow] === true))

  return compose(named('fallback', accepts as Array<InOf<S[number]>>, 'connections', components => {
    const made = pipelines.map(one => make(one, components))

    return {
      run: async function * (source, dial) {
        const replay = new Replay(source)

        try {
          for (const one of made) {
            const fork = dial.fork()
            let connected = false

            try {
              for await (const connection of runScope(one, replay.follow(fork.signal), fork)) {
                connected = true
                yield connection
              }
            } finally {
              fork.end(new AbortError('The pipeline was left'))
            }

            if (connected) {
              return
            }
          }
        } finally {
          replay.leave()
        }
      }
    }
  }, pipelines.flatMap(({ options = [] }) => options)))
}
