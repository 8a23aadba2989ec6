import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import type { Pace, RaceState, Start } from './types.ts'

/** A pace that names its stage when it gives nonsense */
export function checkedPace (stage: string, own: Pace): Pace {
  if (typeof own !== 'function') {
    throw new InvalidStageOutputError(stage, `gave ${describeValue(own)} as a pace: a pace is a function`)
  }

  return (race: RaceState): Start | undefined => {
    const start = own(race)
    const fault = start == null ? undefined : faultOf(start, race)

    if (fault != null) {
      throw new InvalidStageOutputError(stage, fault)
    }

    return start
  }
}

function faultOf (start: Start, { untried }: RaceState): string | undefined {
  const { candidate, at } = start

  if (typeof at !== 'number') {
    return `gave ${describeValue(start)} as a start: a start is a candidate and the time for it`
  }

  if (!Number.isFinite(at) || at < 0) {
    return `gave ${describeValue(at)} as the time for ${candidate?.id}: a time is a number of milliseconds, not below zero`
  }

  return untried.includes(candidate) ? undefined : `chose ${candidate?.id ?? describeValue(candidate)}, which is not among the untried`
}
