import { answerTime } from '../pipeline/dial-components.ts'
import { failureOf } from '../pipeline/failure.ts'
import { validAfter } from './odds.ts'
import type { AttemptStory } from '../pipeline/runtime/story.ts'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Failed } from '../pipeline/types.ts'

/**
 * The lowest probability that the peer is online at which further addresses are tried. An attempt costs 30 ms of waiting, or 100 where data is
 * expensive, and a caller waits 10 s for a connection. If two of three addresses of an online peer work, further attempts do not pay below 0.005,
 * or 0.015
 */
export const MIN_ONLINE = 0.01

/** The maximum probability that an address answers: a packet may always be lost */
const MAX_VALID = 0.99

/** The share of working addresses that respond within `patience`, when 49 of 50 first responses have arrived */
const IN_TIME = 0.98

/** The factor for the weight of estimates. Estimates of a network that is new to the node are optimistic */
const DOUBTED = 0.5

const ATTEMPT_DELAY = 250

/** An address with its estimate before the dial */
interface Believed {
  readonly candidate: Candidate
  /** The probability that the address answers if the peer is online */
  readonly valid: number
  /** The weight of `valid`, as a number of observations */
  readonly strength: number
  /** Milliseconds of silence that an attempt is allowed. Infinity: its transport reports nothing before it has connected */
  readonly patience: number
}

/**
 * The addresses that became known between two calls of the race. Their silence tells whether the peer is online. The outcomes of this dial do not
 * change the estimate of an address
 */
export class GiveUpRound {
  /** Why untried addresses of the round are dropped. Undefined: they stay */
  reason?: string
  /** The earliest time at which `reason` may change without an event */
  nextAt = Infinity
  readonly #dial: StageDial
  /** The probability that the peer was online before the dial */
  readonly #before: number
  readonly #believed: Believed[] = []
  /** The number of attempts that may start in all once the round is hopeless: the earlier ones, and one more for each that gave way to another */
  #limit?: number
  #addedAt = 0
  #failures = 0

  constructor (dial: StageDial, candidates: readonly Candidate[]) {
    const { target: { peerId }, node: { history } } = dial
    this.#dial = dial
    // taken before the first attempt: failures of this dial change the history
    this.#before = peerId == null ? 1 : history.online(peerId, candidates.flatMap(({ provenance }) => provenance))
  }

  /** Adds an address that the dial may try. An address that it has tried is skipped: its history includes that attempt */
  add (candidate: Candidate): void {
    this.#addedAt = this.#dial.clock.now()
    this.nextAt = this.#addedAt + ATTEMPT_DELAY

    if (!this.#dial.tried(candidate)) {
      const estimate = this.#dial.part.memory.estimateOf(candidate, this.#dial.node.history)

      this.#believed.push({ candidate, valid: Math.min(MAX_VALID, estimate.valid), strength: DOUBTED * (estimate.strength ?? Infinity), patience: candidate.facts.isMute ? Infinity : Math.max(ATTEMPT_DELAY, answerTime(estimate)) })
    }
  }

  /** Updates `reason`. @param failed the latest failure of each failed address */
  update (failed: readonly Failed[], attempts: number): void {
    // shortcut: most dials connect before an attempt counts as silent
    if (this.reason == null && failed.length === this.#failures && this.#dial.clock.now() < this.nextAt) {
      return
    }

    this.#failures = failed.length
    const { silent, online, nextAt } = this.#estimate(failed)
    this.nextAt = this.#onlineIfAllSilent < MIN_ONLINE ? nextAt : Infinity

    if (failed.length >= attempts) {
      this.reason = `gave up after ${failed.length === 1 ? 'a failed attempt' : `${failed.length} failed attempts`}`
    } else {
      this.reason = silent > 0 && online < MIN_ONLINE ? `gave up: with ${silent} silent, the peer is online with a probability of ${(online * 100).toPrecision(1)} %` : undefined
    }
  }

  /** Returns the addresses that are attempted although the round is hopeless, of those without an attempt in flight */
  spare (open: readonly Candidate[]): readonly Candidate[] {
    if (this.reason == null) {
      this.#limit = undefined

      return []
    }

    const startsOf = ({ id }: Candidate): number => this.#attemptsOf(id).length
    const started = this.#believed.reduce((sum, { candidate }) => sum + startsOf(candidate), 0)
    this.#limit ??= started + open.filter(one => startsOf(one) > 0).length
    const chanceOf = (one: Candidate): number => {
      const valid = this.#believed.find(({ candidate }) => candidate.id === one.id)?.valid ?? 0

      return startsOf(one) > 0 ? valid * (1 - IN_TIME) / (1 - valid * IN_TIME) : valid
    }

    return open.toSorted((a, b) => chanceOf(b) - chanceOf(a)).slice(0, Math.max(0, this.#limit - started))
  }

  #attemptsOf (id: string): readonly AttemptStory[] {
    return (this.#dial.part.host.story.addresses.get(id)?.attempts ?? []).filter(({ startedAt }) => startedAt != null)
  }

  /** Returns the number of silent addresses, the probability that the peer is online, and the earliest time at which that may change */
  #estimate (failed: readonly Failed[]): { silent: number, online: number, nextAt: number } {
    const failures = new Map(failed.map(one => [one.candidate.id, one]))
    const now = this.#dial.clock.now()
    // an unstarted address may start at the latest event, and be silent `patience` later
    const latest = failed.reduce((time, { endedAt }) => Math.max(time, endedAt), this.#addedAt)
    let [silence, silent, dead, nextAt] = [this.#before, 0, 0, Infinity]

    for (const { candidate, patience, ...believed } of this.#believed) {
      const failure = failures.get(candidate.id)
      const mayBe = latest + patience > now ? latest + patience : Infinity
      const silentFrom = failure == null ? this.#silentFrom(candidate, patience) ?? mayBe : failureOf(failure.error, failure.endedAt - failure.startedAt, false) === 'silent' ? -Infinity : Infinity

      if (silentFrom <= now) {
        silence *= 1 - validAfter(believed, dead++) * (failure == null ? IN_TIME : 1)
        silent++
      } else {
        nextAt = Math.min(nextAt, silentFrom)
        // a refusal lowers the estimates of the peer's other addresses
        dead += Number(failure != null)
      }
    }

    return { silent, online: this.#posterior(silence), nextAt }
  }

  get #onlineIfAllSilent (): number {
    return this.#posterior(this.#believed.reduce((product, believed, i) => product * (1 - validAfter(believed, i)), this.#before))
  }

  #posterior (silence: number): number {
    return silence / (silence + 1 - this.#before)
  }

  /** Returns when an address counts as silent. Infinity: never, because it has responded or its attempts ended before. Undefined: none has started */
  #silentFrom ({ id }: Candidate, patience: number): number | undefined {
    const started = this.#attemptsOf(id)

    if (started.some(({ firstResponseAt, result }) => firstResponseAt != null || result === 'connected')) {
      return Infinity
    }

    const times = started.map(({ startedAt = Infinity, endedAt = Infinity }) => startedAt + patience <= endedAt ? startedAt + patience : Infinity)

    return started.length === 0 ? undefined : Math.min(...times)
  }
}
