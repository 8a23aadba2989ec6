import { named } from './named.ts'
import { compose } from './observe.ts'
import { asPolicy } from './dial-policy.ts'
import { make, runStages } from './run.ts'
import { StageDial } from './scope.ts'
import type { DialPolicy } from './dial-policy.ts'
import type { DialPipelineOptions, StageInit } from './types.ts'

type Traced = DialPipelineOptions & { trace?: unknown }

/** A list stage that applies the policy of another dial, with the options of that dial */
export function inheritedFilters ({ stages, options }: DialPolicy): StageInit<'candidates', 'candidates', 'inherited'> {
  return asPolicy(compose(named('inherited', ['candidates'], 'candidates', components => {
    const made = stages.map(stage => make(stage, components))

    return {
      run: (source, dial) => {
        const { signal, onProgress, priority, trace } = dial.options as Traced

        return runStages(made, source, dial instanceof StageDial ? dial.withOptions({ signal, onProgress, priority, trace, ...options } as Traced) : dial)
      }
    }
  })))
}
