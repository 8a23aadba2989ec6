import { keepWhereRoom, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { isSilence } from '../pipeline/errors.ts'
import { isGiven } from '../pipeline/candidate.ts'
import { POSITIVE_LIMIT, PROBABILITY } from '../pipeline/option-kinds.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { Candidate, Dial, Failed, Stage } from '../pipeline/types.ts'

export interface GiveUpInit {
  /**
   * How many addresses of a dial may fail. Where no more than three of ten addresses are good, sixteen failures leave one
   * peer in 300 that another attempt could still reach (0.7 ^ 16). `Infinity`: no limit
   *
   * @default 16
   */
  attempts?: number
  /**
   * The least probability that the peer is online, from 0 up to 1, with which more is tried. An attempt costs its sender 30 ms
   * of waiting, 100 where data is dear, and a caller waits 10 s for a connection: with two of three addresses of an online
   * peer good, more is not worth it below 0.005 and 0.015. With that, and three of four peers online, it is the sixth silent
   * address that ends a dial. 0: no limit
   *
   * @default 0.01
   */
  online?: number
}

/** With 1 not even the first address would be tried */
const BELOW_ONE: OptionKind = { expected: 'a number from 0 up to 1', test: value => PROBABILITY.test(value) && value !== 1 }

/** However good an address has been, a packet may be lost */
const MOST_VALID = 0.99

/**
 * Drops the rest when enough was tried in vain: after so many failed attempts, or when the silence of those tried says that
 * the peer is most likely not online. One that was refused lowers nothing: a host that refuses is up. How often the peer was
 * online before counts too, so of one that never is a dial tries little; but each tries something. What is in flight goes
 * on, and addresses that the caller of the dial named are all tried.
 *
 * @throws InvalidPipelineError for an unknown option, and for what is not a number of attempts, or not a probability below 1
 */
export function giveUp (init: GiveUpInit = {}): Stage<'candidates', 'candidates', 'give-up'> {
  checkArguments('giveUp()', arguments, 1)
  checkOptions('giveUp()', init, { attempts: POSITIVE_LIMIT, online: BELOW_ONE })
  const { attempts = 16, online = 0.01 } = init

  return listStage('give-up', (dial, work) => {
    const { target: { peerId }, node: { history } } = dial
    // as they were before anything was tried: what fails here changes them
    const before = peerId == null ? 1 : history.online(peerId)
    const valid = new Map<string, number>()

    function remember (candidate: Candidate): void {
      if (!valid.has(candidate.id) && !dial.tried(candidate)) {
        valid.set(candidate.id, Math.min(MOST_VALID, history.estimate(candidate).valid))
      }
    }

    function reason (): string | undefined {
      const failed = failuresOf(dial)

      if (failed.length >= attempts) {
        return `gave up after ${failed.length === 1 ? 'a failed attempt' : `${failed.length} failed attempts`}`
      }

      // of what was tried before the dial came here, the history knew
      const silent = failed.filter(({ candidate, error }) => isSilence(error) && valid.has(candidate.id))
      const silence = silent.reduce((product, { candidate }) => product * (1 - (valid.get(candidate.id) ?? 0)), before)
      const now = silence / (silence + 1 - before)

      if (silent.length > 0 && now < online) {
        return `gave up: with ${silent.length} silent, the peer is online with a probability of ${(now * 100).toPrecision(1)} %`
      }
    }

    return ({ candidates }) => {
      candidates.forEach(remember)
      const why = reason()

      return why == null ? candidates : keepWhereRoom(candidates, work, candidate => dial.tried(candidate) || isGiven(candidate) ? undefined : why)
    }
  }, { role: 'filter' })
}

/** The last of each address: those that are tried again while a router takes its time would use up what it finds */
function failuresOf ({ outcomes }: Dial): Failed[] {
  const failed = outcomes.filter(outcome => outcome.status === 'failed')

  return [...new Map(failed.map(outcome => [outcome.candidate.id, outcome])).values()]
}
