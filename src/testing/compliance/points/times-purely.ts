import { show } from '../differences.ts'
import { makesLists } from '../point.ts'
import { expect, Violation, violationOf } from '../violation.ts'
import { readingsIn } from '../wall-clock.ts'
import type { Clock } from '../../../pipeline/clock.ts'
import type { Harness } from '../harness.ts'
import type { Point } from '../point.ts'
import type { StageRule } from '../../../pipeline/runtime/rules.ts'
import type { Candidate, Flight, RaceState } from '../../../pipeline/types.ts'

export const timesPurely: Point = {
  title: 'the timing rules return times, and leave the order to the list',
  holdsFor: makesLists,
  check: async harness => {
    const run = harness.begin()
    run.give({ candidates: harness.candidates })
    await run.rest()

    for (const rule of run.rules) {
      for (const state of statesOf(harness, run.clock.now(), rule)) {
        const before = timesOf(rule, state, run.dialClock)
        await run.pass(1)
        const after = timesOf(rule, state, run.dialClock)
        const i = before.findIndex((time, k) => time !== after[k])
        expect(i === -1, `asked twice about the same race, its timing rule answered ${before[i]}, and then ${after[i]}: a rule returns a time, and reads nothing but the race`)
        checkOrder(rule, state, before, run.dialClock)
      }
    }
  }
}

/** A rule that answers "the first untried now, the others Infinity" overrules the rankers of the pipeline */
function checkOrder (rule: StageRule, state: RaceState, times: readonly number[], clock: Clock): void {
  for (let i = 1; i < state.untried.length; i++) {
    const untried = [...state.untried.slice(i), ...state.untried.slice(0, i)]
    const turned = timesOf(rule, { ...state, untried }, clock)
    const changed = untried.find((one, k) => (turned[k] === Infinity) !== (times[state.untried.indexOf(one)] === Infinity))

    expect(changed == null, `its timing rule answers Infinity for ${show(changed == null ? [] : [changed])} at one position of the list, and a time at another: the order is the list's. A rule returns how long a candidate waits, at any position`)
  }
}

/** Freezes a state, as a race does */
function frozen (state: RaceState): RaceState {
  return Object.freeze({ ...state, untried: Object.freeze([...state.untried]), inFlight: Object.freeze([...state.inFlight]), outcomes: Object.freeze([...state.outcomes]) })
}

function timesOf (rule: StageRule, state: RaceState, clock: Clock): number[] {
  try {
    let times: number[] = []
    const [reading] = readingsIn(() => {
      const answer = rule.ask(frozen(state))
      times = state.untried.map(one => typeof answer === 'function' ? answer(one) : answer)
    }, clock)
    expect(reading == null, `its timing rule reads ${reading}: a rule returns a time such as race.lastStart + 250, and reads nothing but the race`)

    return times
  } catch (error) {
    throw error instanceof Violation ? error : violationOf(error)
  }
}

/** Returns races at several points in time. Only a hold is asked before the first start: a pace is asked while an attempt is in flight */
function statesOf ({ candidates, three: [a, b] }: Harness, now: number, { isPace }: StageRule): RaceState[] {
  const at = (candidate: Candidate, startedAt: number, firstResponseAt?: number): Flight => ({ candidate, startedAt, firstResponseAt })
  const race = { outcomes: [], complete: true, startedAt: now, firstStart: now, lastStart: now }
  const failed = { status: 'failed' as const, candidate: a, startedAt: now, endedAt: now + 10, error: new Error('refused') }

  return [
    ...isPace ? [] : [{ ...race, untried: candidates, inFlight: [], firstStart: Infinity, lastStart: -Infinity }],
    { ...race, untried: candidates.slice(1), inFlight: [at(a, now)] },
    { ...race, untried: candidates.slice(2), inFlight: [at(a, now, now + 20), at(b, now + 30)], lastStart: now + 30 },
    { ...race, untried: candidates.slice(2), inFlight: [at(b, now + 10)], outcomes: [failed], lastStart: now + 10, complete: false }
  ]
}
