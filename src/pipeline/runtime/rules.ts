import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError, toStageError } from '../errors.ts'
import type { Candidate, Dial, RaceState, Rule } from '../types.ts'

/** Milliseconds since the epoch. A rule that answers less has said how long to wait, and not until when */
const END_OF_1970 = 365 * 24 * 60 * 60 * 1_000

/** A timing rule of a stage in one dial */
export class StageRule {
  readonly isPace: boolean
  readonly #stage: string
  readonly #rule: Rule
  readonly #dial: Dial

  constructor (stage: string, rule: Rule, dial: Dial, isPace: boolean) {
    if (typeof rule !== 'function') {
      throw new InvalidStageOutputError(stage, `gave ${describeValue(rule)} as a timing rule: a rule is a function`)
    }

    this.isPace = isPace
    this.#stage = stage
    this.#rule = rule
    this.#dial = dial
  }

  /**
   * Returns the time for each candidate, or one for all
   *
   * @throws what the rule throws, and InvalidStageOutputError for what is no time, or one in 1970 where the race began later
   */
  ask (race: RaceState): number | ((candidate: Candidate) => number) {
    const answer = this.#call(() => this.#rule(race, this.#dial))

    return typeof answer === 'function' ? candidate => this.#check(race, this.#call(() => answer(candidate)), candidate) : this.#check(race, answer)
  }

  #call<T> (fn: () => T): T {
    try {
      return fn()
    } catch (err) {
      throw toStageError(this.#stage, err)
    }
  }

  #check ({ startedAt }: RaceState, time: unknown, candidate?: Candidate): number {
    const what = (): string => `has a timing rule that answered ${describeValue(time)}${candidate == null ? '' : ` for ${candidate.id}`}`

    if (typeof time !== 'number' || Number.isNaN(time)) {
      ignoreRejections(time)
      throw new InvalidStageOutputError(this.#stage, `${what()}: a rule answers a time, in milliseconds, or a function from a candidate to one`)
    }

    if (time > 0 && time < END_OF_1970 && startedAt > END_OF_1970) {
      throw new InvalidStageOutputError(this.#stage, `${what()}, which is a time in 1970: a rule answers a time of the dial's clock, such as race.startedAt + ${time}`)
    }

    return time
  }
}

/** The latest time that any rule names for a candidate. No rule: at any time */
export function latest (answers: ReadonlyArray<number | ((candidate: Candidate) => number)>, candidate: Candidate): number {
  return answers.reduce<number>((most, answer) => Math.max(most, typeof answer === 'function' ? answer(candidate) : answer), -Infinity)
}
