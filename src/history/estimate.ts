import { answerTime } from '../pipeline/dial-components.ts'
import type { Belief } from './belief.ts'
import type { Keys, Route } from './keys.ts'
import type { Knowledge } from './knowledge.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Estimate } from '../pipeline/types.ts'

/**
 * The weight of each level's prior, as a number of observations. For a class or prefix a single failure has little effect, like in Beta(2, 2). For an
 * address it has more
 */
const STRENGTH = { class: 4, prefix: 4, peer: 3, address: 2, online: 2, source: 4 }

/** Caps the probability of an address, even if its peer is online */
export const MAX_VALID = 0.97

/** The probability after a wrong peer answered. Not 0, because it is a divisor */
const WRONG_PEER = 0.001

/**
 * Returns the probability that a peer is online
 *
 * @param source the source of its address, if known
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

/** The estimates of addresses without observations, the same object for each route */
export class UnknownEstimates {
  readonly #belief: Belief
  readonly #byRoute = new Map<Route, Estimate>()

  constructor (belief: Belief) {
    this.#belief = belief
  }

  of (route: Route): Estimate {
    const { online, roundTrip, spread } = this.#belief
    const known = this.#byRoute.get(route) ?? estimate(route, validOf(this.#belief), STRENGTH.class, online, Math.log(roundTrip), spread)
    this.#byRoute.set(route, known)

    return known
  }
}

/** Returns the probability that an address connects if its peer is online */
function validOf ({ success, online }: Belief): number {
  return online > 0 ? success / online : 0
}

/** Returns the estimate of an address. Each level is the prior of the next, narrower one. Undefined: no level has observations */
export function estimateOf (keys: Keys, knowledge: Knowledge, belief: Belief, clock: Clock): Estimate | undefined {
  const { route } = keys
  const address = knowledge.addresses.get(keys.address)
  const peer = keys.peer == null ? undefined : knowledge.peers.get(keys.peer)
  const prefix = keys.prefix == null ? undefined : knowledge.prefixes.get(keys.prefix)
  const pathClass = knowledge.classes.get(keys.pathClass)
  const network = knowledge.classes.get(keys.network)
  const contributions = knowledge.fleet.addresses.get(keys.address)

  if (address == null && peer == null && prefix == null && pathClass == null && contributions == null && network == null && knowledge.sources.get(keys.source) == null) {
    return
  }

  const now = clock.now()
  let valid = validOf(belief)
  valid = pathClass?.outcomes.posterior(valid, STRENGTH.class, now) ?? valid
  valid = prefix?.outcomes.posterior(valid, STRENGTH.prefix, now) ?? valid
  valid = peer?.ofClass(keys.pathClass)?.posterior(valid, STRENGTH.peer, now) ?? valid
  valid = contributions?.posterior(valid, STRENGTH.address, now) ?? valid
  valid = address?.outcomes.posterior(valid, STRENGTH.address, now) ?? valid

  // holds until a connection to the peer
  const isWrongPeer = address?.failure === 'wrong-peer' && address.connections === (peer?.connections ?? 0)
  const measured = address?.roundTrip ?? prefix?.roundTrip ?? network?.roundTrip

  const { successes = 0, failures = 0 } = pathClass?.outcomes.counts(now) ?? {}

  return estimate(route, isWrongPeer ? Math.min(valid, WRONG_PEER) : valid, STRENGTH.class + successes + failures, onlineOf(keys.peer, keys.source, knowledge, belief, now), measured?.mean ?? Math.log(belief.roundTrip), measured?.deviation ?? belief.spread, address?.connect?.mean)
}

/** Creates an estimate. The logarithms are those of milliseconds */
function estimate ({ roundTrips, overhead }: Route, valid: number, strength: number, online: number, logRoundTrip: number, sigma: number, logConnect?: number): Estimate {
  // without a round trip, the first response takes as long as the overhead
  const mu = roundTrips.first > 0 ? logRoundTrip + Math.log(roundTrips.first) : Math.log(overhead)

  return {
    success: valid * online,
    valid: Math.min(MAX_VALID, valid),
    strength,
    firstResponse: { mu, sigma },
    connect: logConnect == null ? Math.exp(logRoundTrip) * roundTrips.all + overhead : Math.exp(logConnect),
    roundTrips
  }
}

/** Returns whether an attempt of `elapsed` milliseconds has taken less time than usual */
export function isShort (elapsed: number, wasHeard: boolean, estimate: Estimate): boolean {
  return elapsed < (wasHeard ? 2 * estimate.connect : answerTime(estimate))
}
