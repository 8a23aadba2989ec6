import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError, toStageError } from '../errors.ts'
import type { Candidate, Dial, Flight, RaceState, Rule } from '../types.ts'

/** RFC 8305, section 5: the Connection Attempt Delay where nothing is known of round-trip times, in milliseconds */
export const CONNECTION_ATTEMPT_DELAY = 250

/** What a rule answers */
type Times = ReturnType<Rule>

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
  ask (race: RaceState): Times {
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
export function latest (answers: readonly Times[], candidate: Candidate): number {
  return answers.reduce<number>((most, answer) => Math.max(most, typeof answer === 'function' ? answer(candidate) : answer), -Infinity)
}

/** Which candidate of a race starts next, and when: what its timing rules say together */
export class Starts {
  readonly #dial: Pick<Dial, 'clock' | 'outcomes'>
  readonly #paces: readonly StageRule[]
  readonly #holds: readonly StageRule[]
  readonly #startedAt: number

  constructor (dial: Pick<Dial, 'clock' | 'outcomes'>, rules: readonly StageRule[]) {
    this.#dial = dial
    this.#paces = rules.filter(({ isPace }) => isPace)
    this.#holds = rules.filter(({ isPace }) => !isPace)
    this.#startedAt = dial.clock.now()
  }

  /**
   * The one that may start first. Of those that may start now, the one that is held least; among equals the first
   *
   * @param untried - at least one. Rules are shown it and `inFlight`, so both are frozen
   * @param init.now - the moment for which the caller asks. The clock may have gone on since: a time that is now would never come
   */
  next (untried: readonly Candidate[], inFlight: readonly Flight[], { firstStart, lastStart }: Pick<RaceState, 'firstStart' | 'lastStart'>, { complete, now }: { complete: boolean, now: number }): { candidate: Candidate, at: number } {
    const first = untried[0] as Candidate

    // most races begin so
    if (inFlight.length === 0 && this.#holds.length === 0) {
      return { candidate: first, at: now }
    }

    const state: RaceState = Object.freeze({ untried: Object.freeze(untried), inFlight: Object.freeze(inFlight), outcomes: this.#dial.outcomes, complete, startedAt: this.#startedAt, firstStart, lastStart })
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

  #askPaces (state: RaceState): Times[] {
    return this.#paces.length === 0 ? [state.lastStart + CONNECTION_ATTEMPT_DELAY] : this.#paces.map(rule => rule.ask(state))
  }
}

/** The latest time that rules name for all candidates alike */
function latestForAll (answers: readonly Times[]): number {
  return answers.reduce<number>((most, answer) => typeof answer === 'number' ? Math.max(most, answer) : most, -Infinity)
}

/** Milliseconds that a host has to answer before another port of it is tried: the first one may be filtered. Round trips are shorter */
const SILENT = 500

/** As `SILENT`, on this machine, where only the event loops take time */
const SILENT_HERE = 250

/** Milliseconds that a handshake may take, from the first response, before another port of the host is tried */
const HANDSHAKE = 2_000

/**
 * When an address may start, for the sake of its host. libp2p listeners count the TCP connections of one host: with their default limits they reset the sixth in a
 * second from one IP address, and behind a NAT that is shared with others. While a TCP connection to a host is being made, the next
 * starts when the first has failed, or was silent for 500 ms (250 ms on this machine), or has not completed its handshake in 2 s. Each
 * that has outlived that time halves it for the next. Addresses of other hosts, and those over UDP, are not held.
 */
export function releasesOf (inFlight: readonly Flight[]): (candidate: Candidate) => number {
  // without asking each for its hosts
  if (inFlight.length === 0) {
    return () => -Infinity
  }

  const releases = new Map<string, number>()
  const counts = new Map<string, number>()

  for (const { candidate, startedAt, firstResponseAt } of inFlight.length > 1 ? inFlight.toSorted((a, b) => a.startedAt - b.startedAt) : inFlight) {
    const silent = candidate.facts.isLoopback ? SILENT_HERE : SILENT

    for (const host of candidate.facts.tcpHosts) {
      const count = counts.get(host) ?? 0
      const release = firstResponseAt == null ? startedAt + silent / 2 ** count : firstResponseAt + HANDSHAKE / 2 ** count
      releases.set(host, Math.max(releases.get(host) ?? -Infinity, release))
      counts.set(host, count + 1)
    }
  }

  return candidate => candidate.facts.tcpHosts.reduce((release, host) => Math.max(release, releases.get(host) ?? -Infinity), -Infinity)
}
