import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { isNamedByCaller } from '../pipeline/candidate.ts'
import { POSITIVE_LIMIT } from '../pipeline/option-kinds.ts'
import { GiveUpRound } from './give-up-round.ts'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Dial, Failed, Stage } from '../pipeline/types.ts'

export interface GiveUpInit {
  /**
   * The number of addresses of a dial that may fail. `Infinity`: no limit. With fewer than libp2p's own dialer tries, some peers that libp2p
   * reaches are not reached
   *
   * @default the node's `maxPeerAddrsToDial`, which libp2p's own dialer tries
   */
  attempts?: number | undefined
}

/**
 * Creates a filter that drops the untried addresses once the dial is hopeless: after `attempts` failures, or when silence makes it unlikely that
 * the peer is online.
 *
 * - An attempt in flight counts as silent when 49 of 50 first responses would have arrived. A refusal does not count: its host is online.
 * - The estimate starts with how often the peer was online before. Every dial tries at least one address.
 * - Attempts in flight go on. As many more follow as have given way to others, to the addresses with the best chance, untried ones above all.
 * - All addresses that the caller of the dial named are tried.
 * - Addresses that a source finds when every attempt has failed are judged separately: they may be new.
 *
 * @throws InvalidPipelineError for an unknown option, and an `attempts` that is not a number of attempts
 */
export function giveUp (init: GiveUpInit = {}): Stage<'candidates', 'candidates', 'give-up'> {
  checkArguments('giveUp()', arguments, 1)
  checkOptions('giveUp()', init, { attempts: POSITIVE_LIMIT })

  return listStage('give-up', (dial, work) => {
    const attempts = init.attempts ?? dial.node.settings.maxPeerAddrsToDial
    const seen = new Set<string>()
    const roundOf = new Map<string, GiveUpRound>()
    let round: GiveUpRound | undefined

    return ({ candidates, call }) => {
      const fresh = candidates.filter(({ id }) => !seen.has(id))
      fresh.forEach(({ id }) => { seen.add(id) })
      round = call == null ? round : undefined

      // a dial with a single address has none to drop
      if (candidates.length > 1 && fresh.length > 0) {
        round ??= new GiveUpRound(dial, fresh)

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
      new Set(roundOf.values()).forEach(one => { one.update(failed.filter(({ candidate: { id } }) => !seen.has(id) || roundOf.get(id) === one), attempts) })

      // attempts become silent without any event, so the stage asks for another look
      work.at(round?.nextAt ?? Infinity)

      const open = candidates.filter(one => roundOf.get(one.id)?.reason != null && !dial.tried(one) && !isNamedByCaller(one) && mayDrop(one, dial))
      const spared = new Set(Array.from(new Set(roundOf.values())).flatMap(one => one.spare(open.filter(({ id }) => roundOf.get(id) === one))))

      return keepUnless(candidates, work, candidate => open.includes(candidate) && !spared.has(candidate) ? roundOf.get(candidate.id)?.reason : undefined, 'crowdOut')
    }
  }, { role: 'filter' })
}

/** Returns whether no attempt of an address is in flight, or was ended by something else than another address: a restarted one had too little time */
function mayDrop ({ id }: Candidate, { part: { host } }: StageDial): boolean {
  const story = host.story.addresses.get(id)

  return story == null || story.hasRestarted !== true && story.hasLeftPrefixSlots !== true && story.attempts.every(({ startedAt, result }) => startedAt == null || result === 'cancelled')
}

/** Returns the latest failure of each address. Each address counts once: its retries during a look-up must not use up the attempts for what is found */
function failuresOf ({ outcomes }: Dial): Failed[] {
  return [...new Map(outcomes.flatMap(outcome => outcome.status === 'failed' ? [[outcome.candidate.id, outcome]] : [])).values()]
}
