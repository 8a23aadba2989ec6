import { CONNECTION_ATTEMPT_DELAY } from '../pipeline/authoring/pace.ts'
import { latest } from '../pipeline/runtime/rules.ts'
import { releasesOf } from './same-host.ts'
import type { RaceDial } from '../pipeline/runtime/race-dial.ts'
import type { StageRule } from '../pipeline/runtime/rules.ts'
import type { Candidate, Flight, RaceState } from '../pipeline/types.ts'

/** Which candidate of a race starts next, and when: what its timing rules say together */
export class Starts {
  readonly #dial: Pick<RaceDial, 'rules' | 'clock' | 'outcomes'>
  readonly #paces: readonly StageRule[]
  readonly #holds: readonly StageRule[]
  readonly #startedAt: number

  constructor (dial: Pick<RaceDial, 'rules' | 'clock' | 'outcomes'>) {
    this.#dial = dial
    this.#paces = dial.rules.filter(({ isPace }) => isPace)
    this.#holds = dial.rules.filter(({ isPace }) => !isPace)
    this.#startedAt = dial.clock.now()
  }

  /**
   * The one that may start first. Of those that may start now, the one that is held least; among equals the first
   *
   * @param untried - at least one
   * @param init.now - the moment for which the caller asks. The clock may have gone on since: a time that is now would never come
   */
  next (untried: readonly Candidate[], inFlight: readonly Flight[], { firstStart, lastStart }: Pick<RaceState, 'firstStart' | 'lastStart'>, { complete, now }: { complete: boolean, now: number }): { candidate: Candidate, at: number } {
    const first = untried[0] as Candidate

    // most races begin so
    if (inFlight.length === 0 && this.#holds.length === 0) {
      return { candidate: first, at: now }
    }

    const state: RaceState = { untried, inFlight, outcomes: this.#dial.outcomes, complete, startedAt: this.#startedAt, firstStart, lastStart }
    const paces = inFlight.length === 0 ? [] : this.#askPaces(state)
    const paced = latestForAll(paces)

    // none starts before: nobody has to know yet which is the next
    if (paced > now && this.#holds.length === 0) {
      return { candidate: first, at: paced }
    }

    const holds = this.#holds.map(rule => rule.ask(state))
    const releaseOf = releasesOf(inFlight)

    const starts = untried.map(candidate => {
      const held = Math.max(0, latest(holds, candidate))

      return { candidate, held, at: Math.max(now, held, latest(paces, candidate), releaseOf(candidate)) }
    })

    return starts.reduce((best, next) => next.at < best.at || (next.at === best.at && next.held < best.held) ? next : best)
  }

  #askPaces (state: RaceState): Array<number | ((candidate: Candidate) => number)> {
    return this.#paces.length === 0 ? [state.lastStart + CONNECTION_ATTEMPT_DELAY] : this.#paces.map(rule => rule.ask(state))
  }
}

/** The latest time that rules name for all candidates alike */
function latestForAll (answers: ReadonlyArray<number | ((candidate: Candidate) => number)>): number {
  return answers.reduce<number>((most, answer) => typeof answer === 'number' ? Math.max(most, answer) : most, -Infinity)
}
