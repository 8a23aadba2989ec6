import { answerTime } from '../pipeline/dial-components.ts'
import type { Belief } from './belief.ts'
import type { Keys } from './keys.ts'
import type { Knowledge } from './knowledge.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { SilentAttempt } from './recorder.ts'
import type { Candidate, Estimate } from '../pipeline/types.ts'

/**
 * The weight of each level's prior, as a number of observations. For a class or prefix a single failure has little effect, like in Beta(2, 2). For an
 * address it has more
 */
const STRENGTH = { class: 4, prefix: 4, peer: 3, address: 2, online: 2, source: 4 }

/** The maximum probability that an address answers if its peer is online */
export const MAX_VALID = 0.97

/** The probability that an address answers after another peer has answered there. Not 0, because it is a divisor */
const WRONG_PEER = 0.001

/**
 * Returns the probability that a peer is online
 *
 * @param source the source of one of the peer's addresses, if known
 */
export function onlineOf (peer: string | undefined, source: string | undefined, { peers, sources, fleet }: Knowledge, belief: Belief, now: number): number {
  const ofSource = source == null ? undefined : sources.get(source)
  const prior = ofSource?.outcomes.posterior(belief.online, STRENGTH.source, now) ?? belief.online

  if (peer == null) {
    return prior
  }

  const ofOthers = fleet.peers.get(peer)?.posterior(prior, STRENGTH.online, now) ?? prior

  return peers.get(peer)?.online.posterior(ofOthers, STRENGTH.online, now) ?? ofOthers
}

/**
 * Returns the estimate of an address. Each level is the prior of the next, narrower one
 *
 * @param isConfirmedSince returns whether a first-hand source has reported the address since a time
 */
export function estimateOf (keys: Keys, knowledge: Knowledge, belief: Belief, clock: Clock, isConfirmedSince: (time: number) => boolean): Estimate {
  const { roundTrips, overhead } = keys.costs
  const address = knowledge.addresses.get(keys.address)
  const peer = keys.peer == null ? undefined : knowledge.peers.get(keys.peer)
  const prefix = keys.prefix == null ? undefined : knowledge.prefixes.get(keys.prefix)
  const pathClass = knowledge.classes.get(keys.pathClass)
  const network = knowledge.classes.get(keys.network)
  const contributions = knowledge.fleet.addresses.get(keys.address)
  const now = clock.now()
  // the probability that the address connects if its peer is online
  let valid = belief.online > 0 ? belief.success / belief.online : 0
  valid = pathClass?.outcomes.posterior(valid, STRENGTH.class, now) ?? valid
  valid = prefix?.outcomes.posterior(valid, STRENGTH.prefix, now) ?? valid
  valid = peer?.ofClass(keys.pathClass)?.posterior(valid, STRENGTH.peer, now) ?? valid
  valid = contributions?.posterior(valid, STRENGTH.address, now) ?? valid
  valid = address?.outcomes.posterior(valid, STRENGTH.address, now) ?? valid

  // a wrong-peer failure holds for an hour, until the next connection to the peer, or until a first-hand source reports the address again
  if (address?.isOfWrongPeer(now) === true && address.connections === (peer?.connections ?? 0) && !isConfirmedSince(address.failedAt)) {
    valid = Math.min(valid, WRONG_PEER)
  }

  const { successes = 0, failures = 0 } = pathClass?.outcomes.counts(now) ?? {}
  const measured = address?.roundTrip ?? prefix?.roundTrip ?? network?.roundTrip
  // both are logarithms of milliseconds
  const logRoundTrip = measured?.mean ?? Math.log(belief.roundTrip)
  const logConnect = address?.connect?.mean

  return {
    success: valid * onlineOf(keys.peer, keys.source, knowledge, belief, now),
    valid: Math.min(MAX_VALID, valid),
    strength: STRENGTH.class + successes + failures,
    // without a round trip, the first response takes as long as the overhead
    firstResponse: { mu: roundTrips.first > 0 ? logRoundTrip + Math.log(roundTrips.first) : Math.log(overhead), sigma: measured?.deviation ?? belief.spread },
    connect: logConnect == null ? Math.exp(logRoundTrip) * roundTrips.all + overhead : Math.exp(logConnect),
    roundTrips
  }
}

/** Returns whether an attempt ended after `elapsed` milliseconds, before its answer or, after a first response, its connection was overdue */
export function isShort (elapsed: number, wasHeard: boolean, estimate: Estimate): boolean {
  return elapsed < (wasHeard ? 2 * estimate.connect : answerTime(estimate))
}

/** Returns the attempts whose answer was due, and the probability that an online peer would have given one of these answers, if it gives any */
export function dueAnswers (attempts: readonly SilentAttempt[], estimateOf: (candidate: Candidate) => Estimate): { attempts: SilentAttempt[], share: number } {
  let [none, noneEver] = [1, 1]

  const due = attempts.filter(({ candidate, startedAt, endedAt }) => {
    const estimate = estimateOf(candidate)
    const isDue = !isShort(endedAt - startedAt, candidate.facts.isMute, estimate)
    none *= isDue ? 1 - estimate.valid : 1
    noneEver *= 1 - estimate.valid

    return isDue
  })

  return { attempts: due, share: due.length === 0 ? 0 : (1 - none) / (1 - noneEver) }
}
