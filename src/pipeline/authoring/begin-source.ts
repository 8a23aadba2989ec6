import { isImplied } from '../address-marks.ts'
import { Findings } from './findings.ts'
import { skipSource } from './not-asked.ts'
import type { FindAddresses, FindingsOptions } from './findings.ts'
import type { WhyNotAsked } from './not-asked.ts'
import type { AskedList, ListPlan } from '../runtime/plan.ts'

/** When a source begins: at once, when the list above is complete and empty, or when every attempt has failed or is silent for long */
export type When = 'always' | 'empty' | 'exhausted'

export interface BeginSourceInit extends FindingsOptions {
  readonly finds: readonly FindAddresses[]
  readonly when: When
  /** Whether the functions ask nothing but this node */
  readonly isLocal: boolean
  /** Called before the source is asked, also for a plan */
  readonly whyNot?: WhyNotAsked
}

/** Returns the `begin` of a source stage */
export function beginSource ({ finds, when, whyNot, isLocal, ...init }: BeginSourceInit): ListPlan['begin'] {
  return (dial, work) => {
    // created on the first question: most sources are never asked when the caller passed addresses
    let parts: readonly Findings[] | undefined
    let isSkipped = false

    return list => {
      const isAsked = !isSkipped && isDue(when, list)
      const reason = isAsked && parts == null ? whyNot?.(dial, list.candidates) : undefined

      if (reason != null) {
        isSkipped = true
        skipSource(dial.part.host.story.ask(dial.qualifiedName, dial.clock.now()), reason, dial)
      } else if (isAsked && dial.part.host.mayAsk?.(dial.qualifiedName, when === 'exhausted') !== false) {
        if (parts == null) {
          const story = dial.part.host.story.ask(dial.qualifiedName, dial.clock.now())
          parts = finds.map(find => new Findings({ ...init, find, dial, work, story }))
          work.findings = parts
        }

        // every known address has failed: an 'exhausted' source keeps the dial alive, and the race ignores it otherwise
        const isFurther = when === 'exhausted' && !list.candidates.every(isImplied)
        parts.forEach(part => { part.ask(list.candidates, isFurther) })
      }

      // the relay address inside a circuit address ranks below what the node knows of the relay, as the order of the stages says
      const isHeld = isLocal && work.pending > 0 && list.candidates.every(isImplied)

      return (parts ?? []).reduce((candidates, part) => part.addTo(candidates), isHeld ? [] : list.candidates)
    }
  }
}

function isDue (when: When, { candidates, complete, last, isSilent }: AskedList): boolean {
  return when === 'always' || (complete && (candidates.every(isImplied) || (when === 'exhausted' && (last || isSilent === true))))
}
