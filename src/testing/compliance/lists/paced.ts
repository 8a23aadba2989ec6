import { describeValue } from '../../../pipeline/describe-value.ts'
import { every } from '../../../pipeline/pace.ts'
import { all, expect } from '../rule.ts'
import { outcomeOf } from './look.ts'
import type { Bench } from '../bench.ts'
import type { Candidate, Flight, Outcome, Pace, RaceState } from '../../../pipeline/types.ts'

async function keepsThePace (bench: Bench): Promise<void> {
  if (bench.from === 'candidates') {
    const trial = bench.begin()
    trial.give({ candidates: bench.candidates, pace: every(100) })
    await outcomeOf(trial)
    expect(trial.outputs.every(({ value }) => value.pace !== undefined), 'it threw away the pace of the list that it was given: yield { ...list, candidates }')
  }
}

async function givesAPace (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  const { value, candidates } = await outcomeOf(trial)

  if (value.pace === undefined) {
    return
  }

  expect(typeof value.pace === 'function', `it gave ${describeValue(value.pace)} as a pace: a pace is a function`)

  for (const state of statesOf(candidates, trial.clock.now())) {
    checkPace(value.pace, state)
  }
}

function checkPace (pace: Pace, state: RaceState): void {
  const start = pace(state)
  const again = pace(state)
  expect(start?.candidate === again?.candidate && start?.at === again?.at, 'its pace is not pure: asked twice of one state of a race, it gives two answers')

  if (start != null) {
    expect(state.untried.includes(start.candidate), `its pace chose ${start.candidate?.id}, which is not among the untried`)
    expect(Number.isFinite(start.at) && start.at >= 0, `its pace gave ${start.at} as the time for ${start.candidate.id}`)
  }
}

/** A race at its beginning, under way, after a failure, and with nothing left; deeply frozen */
function statesOf (candidates: readonly Candidate[], now: number): RaceState[] {
  const [first, ...others] = candidates
  const freeze = (state: RaceState): RaceState => Object.freeze({
    ...state,
    untried: Object.freeze([...state.untried]),
    inFlight: Object.freeze(state.inFlight.map(one => Object.freeze(one))),
    outcomes: Object.freeze(state.outcomes.map(one => Object.freeze(one)))
  })

  const nothing: RaceState = { untried: [], inFlight: [], outcomes: [], now }

  if (first == null) {
    return [freeze(nothing)]
  }

  const flight: Flight = { candidate: first, startedAt: now - 50 }
  const failed: Outcome = { status: 'failed', candidate: first, startedAt: now - 50, endedAt: now, error: new Error('Refused') }

  return [
    nothing,
    { ...nothing, untried: candidates },
    { ...nothing, untried: others, inFlight: [flight], lastStart: flight.startedAt },
    { ...nothing, untried: others, inFlight: [{ ...flight, firstResponseAt: now - 20 }], lastStart: flight.startedAt },
    { ...nothing, untried: others, outcomes: [failed], lastStart: flight.startedAt },
    { ...nothing, inFlight: [flight], lastStart: flight.startedAt }
  ].map(freeze)
}

export const paced = all(keepsThePace, givesAPace)
