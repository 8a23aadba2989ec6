import { describeValue, ignoreRejections } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import { isThenable } from './is-thenable.ts'
import { toStageError } from './to-stage-error.ts'
import type { Pace, RaceState, Start } from './types.ts'

/** A pace that names its stage when it gives nonsense */
export function checkedPace (stage: string, own: Pace): Pace {
  if (typeof own !== 'function') {
    throw new InvalidStageOutputError(stage, `gave ${describeValue(own)} as a pace: a pace is a function`)
  }

  function ask (race: RaceState): Start | undefined {
    try {
      return own(race)
    } catch (err) {
      throw toStageError(stage, err)
    }
  }

  return race => {
    const start = ask(race)

    if (start != null && !(isTime(start.at) && race.untried.includes(start.candidate))) {
      throw new InvalidStageOutputError(stage, faultOf(start))
    }

    return start
  }
}

function isTime (at: number): boolean {
  return Number.isFinite(at) && at >= 0
}

function faultOf (start: Start): string {
  const { candidate, at } = start
  ignoreRejections(start)

  if (isThenable(start) || Array.isArray(start)) {
    return `has a pace that answered ${describeValue(start)}: a pace answers a candidate and the time for it, or nothing`
  }

  return isTime(at)
    ? `chose ${candidate?.id ?? describeValue(candidate)}, which is not among the untried`
    : `gave ${describeValue(at)} as the time for ${candidate?.id}: a time is a number of milliseconds, not below zero`
}
