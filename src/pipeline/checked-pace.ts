import { InvalidStageOutputError } from './errors.ts'
import type { Pace, RaceState, Start } from './types.ts'

/** A pace that names its stage when it gives nonsense */
export function checkedPace (stage: string, own: Pace): Pace {
  if (typeof own !== 'function') {
    throw new InvalidStageOutputError(stage, `gave ${String(own)} as a pace: a pace is a function`)
  }

  return (race: RaceState): Start | undefined => {
    const start = own(race)

    if (start != null && !(Number.isFinite(start.at) && start.at >= 0)) {
      throw new InvalidStageOutputError(stage, `gave ${String(start.at)} as the time for ${start.candidate?.id}: a time is a number of milliseconds, not below zero`)
    }

    if (start != null && !race.untried.includes(start.candidate)) {
      throw new InvalidStageOutputError(stage, `chose ${start.candidate?.id ?? String(start.candidate)}, which is not among the untried`)
    }

    return start
  }
}
