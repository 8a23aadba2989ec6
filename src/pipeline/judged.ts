import type { Verdict } from './filter.ts'
import type { Candidate, Dial, List } from './types.ts'

/** A list without what is dropped. Every verdict is told to the dial */
export function judged (list: List, dial: Dial, judge: (candidate: Candidate) => Verdict): List {
  const candidates = list.candidates.filter(candidate => {
    const verdict = judge(candidate)
    dial.verdict(candidate, verdict)

    return verdict === true
  })

  return { ...list, candidates }
}
