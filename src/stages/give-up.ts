import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { isNamedByCaller } from '../pipeline/candidate.ts'
import { POSITIVE_LIMIT, PROBABILITY } from '../pipeline/option-kinds.ts'
import { OnlineOdds } from './online-odds.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Dial, Failed, Stage } from '../pipeline/types.ts'

export interface GiveUpInit {
  /**
   * The number of addresses of a dial that may fail. libp2p's own dialer tries 25: with fewer, some peers that libp2p reaches are not reached.
   * `Infinity`: no limit
   *
   * @default 25
   */
  attempts?: number
  /**
   * The lowest probability that the peer is online at which further addresses are tried, from 0 up to 1. 0: no limit. An attempt costs 30 ms of
   * waiting, or 100 where data is expensive, and a caller waits 10 s for a connection. If two of three addresses of an online peer work, further
   * attempts do not pay below 0.005, or 0.015
   *
   * @default 0.01
   */
  minOnlineProbability?: number
}

/** With 1, not even the first address would be tried */
const BELOW_ONE: OptionKind = { expected: 'a number from 0 up to 1', test: value => PROBABILITY.test(value) && value !== 1 }

/**
 * Creates a filter that drops the untried addresses once the dial is hopeless: after `attempts` failures, or when silence makes it unlikely that
 * the peer is online.
 *
 * - An attempt in flight counts as silent when 49 of 50 first responses would have arrived. A refusal does not count: its host is online.
 * - The estimate starts with how often the peer was online before. Every dial tries at least one address.
 * - Attempts in flight go on, and all addresses that the caller of the dial named are tried.
 * - Addresses that a source finds when every attempt has failed are judged separately: they may be new.
 *
 * @throws InvalidPipelineError for an unknown option, an `attempts` that is not a number of attempts, and a `minOnlineProbability` that is not a probability
 * below 1
 */
export function giveUp (init: GiveUpInit = {}): Stage<'candidates', 'candidates', 'give-up'> {
  checkArguments('giveUp()', arguments, 1)
  checkOptions('giveUp()', init, { attempts: POSITIVE_LIMIT, minOnlineProbability: BELOW_ONE })
  const { attempts = 25, minOnlineProbability = 0.01 } = init

  return listStage('give-up', (dial, work) => {
    const seen = new Set<string>()
    const roundOf = new Map<string, Round>()
    const rounds: Round[] = []
    let round: Round | undefined
    let lookAt = -Infinity

    return ({ candidates, last, isSilent }) => {
      const fresh = candidates.filter(({ id }) => !seen.has(id))
      fresh.forEach(({ id }) => { seen.add(id) })
      round = last || isSilent === true ? undefined : round

      // with a single address there is none to drop
      if (candidates.length > 1 && fresh.length > 0) {
        if (round == null) {
          round = new Round(dial, fresh)
          rounds.push(round)
        }

        for (const candidate of fresh) {
          roundOf.set(candidate.id, round)
          round.add(candidate)
        }
      }

      // addresses that the caller named are tried in any case
      if (candidates.every(isNamedByCaller)) {
        return candidates
      }

      const failed = failuresOf(dial)
      rounds.forEach(one => { one.update(failed.filter(({ candidate: { id } }) => !seen.has(id) || roundOf.get(id) === one), attempts, minOnlineProbability) })

      // attempts in flight become silent without any event
      if (round != null && round.nextAt < Infinity && lookAt <= dial.clock.now()) {
        lookAt = round.nextAt
        work.at(lookAt)
      }

      return keepUnless(candidates, work, candidate => dial.tried(candidate) || isNamedByCaller(candidate) ? undefined : roundOf.get(candidate.id)?.reason, 'crowdOut')
    }
  }, { role: 'filter' })
}

/** The addresses that were known at the same time */
class Round {
  /** Why its addresses are not tried any more */
  reason?: string
  /** When `reason` may change without an event */
  nextAt = Infinity
  readonly #odds: OnlineOdds
  readonly #clock: Clock
  #failures = 0

  constructor (dial: StageDial, candidates: readonly Candidate[]) {
    const { target: { peerId }, node: { history }, clock } = dial
    this.#clock = clock
    // taken before the first attempt: failures of this dial change the history
    this.#odds = new OnlineOdds(dial, peerId == null ? 1 : history.online(peerId, candidates.flatMap(({ provenance }) => provenance)))
  }

  add (candidate: Candidate): void {
    this.#odds.add(candidate)
    this.nextAt = this.#odds.firstAt
  }

  update (failed: readonly Failed[], attempts: number, least: number): void {
    // shortcut: most dials connect before an attempt counts as silent
    if (this.reason == null && failed.length === this.#failures && this.#clock.now() < this.nextAt) {
      return
    }

    this.#failures = failed.length
    const { silent, online, nextAt } = this.#odds.update(failed)
    this.nextAt = this.#odds.least < least ? nextAt : Infinity

    if (failed.length >= attempts) {
      this.reason = `gave up after ${failed.length === 1 ? 'a failed attempt' : `${failed.length} failed attempts`}`
    } else {
      this.reason = silent > 0 && online < least ? `gave up: with ${silent} silent, the peer is online with a probability of ${(online * 100).toPrecision(1)} %` : undefined
    }
  }
}

/** Returns the latest failure of each address: retries during a look-up must not use up the attempts for its answers */
function failuresOf ({ outcomes }: Dial): Failed[] {
  return [...new Map(outcomes.flatMap(outcome => outcome.status === 'failed' ? [[outcome.candidate.id, outcome]] : [])).values()]
}
