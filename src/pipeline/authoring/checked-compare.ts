import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import type { Candidate, Dial } from '../types.ts'

/** Below zero: the first is preferred. libp2p's `AddressSorter` functions fit as they are */
export type Compare = (a: Candidate, b: Candidate, dial: Dial) => number

/** A comparator that names its stage when it gives nonsense */
export function checkedCompare (stage: string, compare: Compare): Compare {
  return (a, b, dial) => {
    const answer = compare(a, b, dial)

    if (typeof answer !== 'number' || Number.isNaN(answer)) {
      throw new InvalidStageOutputError(stage, `compared ${a.id} to ${b.id} as ${describeValue(answer)}: a comparator answers a number`)
    }

    return answer
  }
}
