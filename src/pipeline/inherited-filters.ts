import { markOf } from './address-marks.ts'
import { beside, onlyDropping } from './beside.ts'
import { candidate } from './candidate.ts'
import { named } from './named.ts'
import { compose } from './observe.ts'
import { asPolicy } from './dial-policy.ts'
import { make, runStages } from './run.ts'
import { StageDial } from './stage-dial.ts'
import type { DialPolicy } from './dial-policy.ts'
import type { Made } from './run.ts'
import type { AnyStageInit, Candidate, Dial, DialPipelineOptions, StageInit } from './types.ts'

type Traced = DialPipelineOptions & { trace?: unknown }

/**
 * A list stage that applies the policy of another dial, with the options of that dial. The address that the other dial's address has
 * within it, as the one of a relay, is judged by the filters that the other's has passed. Any other is judged by the bypassed ones too
 */
export function inheritedFilters ({ stages, bypassed = [], options }: DialPolicy): StageInit<'candidates', 'candidates', 'inherited'> {
  return asPolicy(compose(named('inherited', ['candidates'], 'candidates', components => {
    // one that begins with a target may be a source too: no source is inherited
    const inherited = (stage: AnyStageInit): Made => stage.accepts.target === true ? onlyDropping(make(stage, components)) : make(stage, components)
    const made = [
      ...bypassed.map(stage => beside(inherited(stage), (one, dial) => !isVouched(one, dial))),
      ...stages.map(inherited)
    ]

    return {
      run: (source, dial) => {
        const { signal, onProgress, priority, trace } = dial.options as Traced

        return runStages(made, source, dial instanceof StageDial ? dial.withOptions({ signal, onProgress, priority, trace, ...options } as Traced) : dial)
      }
    }
  })))
}

/** Whether a transport has named the address that asks for the dial, out of the one that it was given */
function isVouched ({ id }: Candidate, { target: { multiaddrs, peerId } }: Dial): boolean {
  return multiaddrs.some(one => markOf(one)?.isVouched === true && candidate(one, peerId).id === id)
}
