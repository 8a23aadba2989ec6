import { answerTime } from '../pipeline/dial-components.ts'
import { isSilence } from '../pipeline/errors.ts'
import { validAfter } from './odds.ts'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Failed } from '../pipeline/types.ts'

/** However good an address has been, a packet may be lost */
const MOST_VALID = 0.99

/** The share of those alive that answer within the time that is given them */
const IN_TIME = 0.98

/** What is believed of the addresses of a new network is optimistic: to give up a peer for it, it counts half */
const DOUBTED = 0.5

/** RFC 8305, section 8: the Connection Attempt Delay, in milliseconds */
const ATTEMPT_DELAY = 250

/** An address, as it was believed to be before the dial tried it */
interface Believed {
  readonly candidate: Candidate
  /** The probability that it is good, if the peer is online */
  readonly valid: number
  /** As how many observations that counts */
  readonly strength: number
  /** Milliseconds within which it would have answered. Infinity: its transport says nothing before it has connected */
  readonly patience: number
}

/** How likely a peer is online, by the silence of the addresses that a dial tries. What it learns of them meanwhile counts for nothing */
export class OnlineOdds {
  readonly #dial: StageDial
  readonly #before: number
  readonly #believed: Believed[] = []
  /** When the last of them came, in milliseconds since the epoch */
  #addedAt = 0

  /** @param before how likely the peer was online before the dial */
  constructor (dial: StageDial, before: number) {
    this.#dial = dial
    this.#before = before
  }

  /** An address that the dial may try. Of what it has tried, the history knows */
  add (candidate: Candidate): void {
    this.#addedAt = this.#dial.clock.now()

    if (!this.#dial.tried(candidate)) {
      const estimate = this.#dial.part.memory.estimateOf(candidate, this.#dial.node.history)

      this.#believed.push({ candidate, valid: Math.min(MOST_VALID, estimate.valid), strength: DOUBTED * (estimate.strength ?? Infinity), patience: candidate.facts.isMute ? Infinity : Math.max(ATTEMPT_DELAY, answerTime(estimate)) })
    }
  }

  /**
   * @param failed the last failure of each address that has failed
   * @returns how many addresses were silent, how likely the peer is online then, and when more may be known, at the earliest
   */
  look (failed: readonly Failed[]): { silent: number, online: number, nextAt: number } {
    const failures = new Map(failed.map(one => [one.candidate.id, one]))
    const now = this.#dial.clock.now()
    // since then, those that have not started may have
    const latest = failed.reduce((time, { endedAt }) => Math.max(time, endedAt), this.#addedAt)
    let [silence, silent, dead, nextAt] = [this.#before, 0, 0, Infinity]

    for (const { candidate, patience, ...believed } of this.#believed) {
      const failure = failures.get(candidate.id)
      const mayBe = latest + patience > now ? latest + patience : Infinity
      const silentFrom = failure == null ? this.#silentFrom(candidate, patience) ?? mayBe : isSilence(failure.error) ? -Infinity : Infinity

      if (silentFrom <= now) {
        silence *= 1 - validAfter(believed, dead++) * (failure == null ? IN_TIME : 1)
        silent++
      } else {
        nextAt = Math.min(nextAt, silentFrom)
        // a refusal says that addresses of this peer are worse than believed
        dead += Number(failure != null)
      }
    }

    return { silent, online: this.#posterior(silence), nextAt }
  }

  /** When the first of them may be silent, at the earliest */
  get firstAt (): number {
    return this.#addedAt + ATTEMPT_DELAY
  }

  /** How likely the peer would be online if all of them were silent */
  get least (): number {
    return this.#posterior(this.#believed.reduce((product, believed, i) => product * (1 - validAfter(believed, i)), this.#before))
  }

  #posterior (silence: number): number {
    return silence / (silence + 1 - this.#before)
  }

  /**
   * When an address is silent for long enough that is in flight, or has given way to another. Infinity: never, as it was heard of.
   * Undefined: it has not started
   */
  #silentFrom ({ id }: Candidate, patience: number): number | undefined {
    const started = (this.#dial.part.host.story.addresses.get(id)?.attempts ?? []).filter(({ startedAt }) => startedAt != null)

    if (started.some(({ firstResponseAt, result }) => firstResponseAt != null || result === 'connected')) {
      return Infinity
    }

    const times = started.map(({ startedAt = Infinity, endedAt = Infinity }) => startedAt + patience <= endedAt ? startedAt + patience : Infinity)

    return started.length === 0 ? undefined : Math.min(...times)
  }
}
