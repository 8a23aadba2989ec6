import { keepWhereRoom, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { isGiven } from '../pipeline/candidate.ts'
import { POSITIVE_LIMIT, PROBABILITY } from '../pipeline/option-kinds.ts'
import { OnlineOdds } from './online-odds.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Dial, Failed, Stage } from '../pipeline/types.ts'

export interface GiveUpInit {
  /**
   * How many addresses of a dial may fail. libp2p's own dialer tries 25: with fewer, peers stay unreached that it reaches.
   * `Infinity`: no limit
   *
   * @default 25
   */
  attempts?: number
  /**
   * The least probability that the peer is online, from 0 up to 1, with which more is tried. An attempt costs its sender 30 ms
   * of waiting, 100 where data is dear, and a caller waits 10 s for a connection: with two of three addresses of an online
   * peer good, more is not worth it below 0.005 and 0.015. 0: no limit
   *
   * @default 0.01
   */
  online?: number
}

/** With 1 not even the first address would be tried */
const BELOW_ONE: OptionKind = { expected: 'a number from 0 up to 1', test: value => PROBABILITY.test(value) && value !== 1 }

/**
 * Drops the rest when enough was tried in vain: after so many failed attempts, or when the silence of those tried says that
 * the peer is most likely not online. An attempt in flight is silent when 49 of 50 first responses would have come. One that was
 * refused lowers nothing: a host that refuses is up. How often the peer was
 * online before counts too, so of one that never is a dial tries little; but each tries something. What is in flight goes
 * on, and addresses that the caller of the dial named are all tried. What a source finds that looks further is weighed anew: it
 * may know where the peer is now.
 *
 * @throws InvalidPipelineError for an unknown option, and for what is not a number of attempts, or not a probability below 1
 */
export function giveUp (init: GiveUpInit = {}): Stage<'candidates', 'candidates', 'give-up'> {
  checkArguments('giveUp()', arguments, 1)
  checkOptions('giveUp()', init, { attempts: POSITIVE_LIMIT, online: BELOW_ONE })
  const { attempts = 25, online = 0.01 } = init

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

      // of one address there is nothing to drop
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

      // all of those are tried, whatever is known
      if (candidates.every(isGiven)) {
        return candidates
      }

      const failed = failuresOf(dial)
      rounds.forEach(one => { one.look(failed.filter(({ candidate: { id } }) => !seen.has(id) || roundOf.get(id) === one), attempts, online) })

      // the silence of what is in flight grows without any news
      if (round != null && round.nextAt < Infinity && lookAt <= dial.clock.now()) {
        lookAt = round.nextAt
        work.at(lookAt)
      }

      return keepWhereRoom(candidates, work, candidate => dial.tried(candidate) || isGiven(candidate) ? undefined : roundOf.get(candidate.id)?.reason)
    }
  }, { role: 'filter' })
}

/** Addresses that were known at the same time */
class Round {
  /** Why none of them is tried any more */
  reason?: string
  /** When there may be one, though nothing happens */
  nextAt = Infinity
  readonly #odds: OnlineOdds
  readonly #clock: Clock
  #failures = 0

  constructor (dial: StageDial, candidates: readonly Candidate[]) {
    const { target: { peerId }, node: { history }, clock } = dial
    this.#clock = clock
    // as they were before anything was tried: what fails here changes them
    this.#odds = new OnlineOdds(dial, peerId == null ? 1 : history.online(peerId, candidates.flatMap(({ provenance }) => provenance)))
  }

  add (candidate: Candidate): void {
    this.#odds.add(candidate)
    this.nextAt = this.#odds.firstAt
  }

  look (failed: readonly Failed[], attempts: number, least: number): void {
    // most dials have connected before anything can be silent
    if (this.reason == null && failed.length === this.#failures && this.#clock.now() < this.nextAt) {
      return
    }

    this.#failures = failed.length
    const { silent, online, nextAt } = this.#odds.look(failed)
    this.nextAt = this.#odds.least < least ? nextAt : Infinity

    if (failed.length >= attempts) {
      this.reason = `gave up after ${failed.length === 1 ? 'a failed attempt' : `${failed.length} failed attempts`}`
    } else {
      this.reason = silent > 0 && online < least ? `gave up: with ${silent} silent, the peer is online with a probability of ${(online * 100).toPrecision(1)} %` : undefined
    }
  }
}

/** The last of each address: those that are tried again while a router takes its time would use up what it finds */
function failuresOf ({ outcomes }: Dial): Failed[] {
  return [...new Map(outcomes.flatMap(outcome => outcome.status === 'failed' ? [[outcome.candidate.id, outcome]] : [])).values()]
}
