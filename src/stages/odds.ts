import { answerTime } from '../pipeline/dial-components.ts'
import type { Facts } from '../address/facts.ts'
import type { Transport } from '../address/shape.ts'
import type { Estimate, Flight } from '../pipeline/types.ts'

/** The least distance of a probability from 0 and 1: a certainty could never be corrected */
const DOUBT = 0.01

/** The Minimum and the Maximum Connection Attempt Delay of RFC 8305, section 8, in milliseconds */
export const DELAY = { min: 10, max: 2_000 }

/** After a first response: the probability of a connection in time (`alive`) and later (`overdue`). `slack` and `grace` (milliseconds) extend the time */
const ANSWERED = { alive: 0.97, overdue: 0.05, slack: 1.5, grace: 50 }

/** An estimate in the form that the odds are computed from */
export interface Expectation {
  /** The probability that the address answers if the peer is online */
  readonly valid: number
  /** The weight of `valid`, as a number of observations */
  readonly strength: number
  readonly mu: number
  readonly sigma: number
  /** Milliseconds within which 98 of 100 answers arrive */
  readonly patience: number
  /** The time until the connection, as a multiple of the time until the first response: expected (`ratio`), and at most (`handshake`) */
  readonly ratio: number
  readonly handshake: number
  /** Milliseconds until the connection, in addition to `ratio` times the first response */
  readonly overhead: number
  /** The cost of starting the attempt, as a multiple of `costPerDial` */
  readonly price: number
  /** The network site: round trips to addresses of one site are alike. Undefined for relayed addresses, and without an IP address */
  readonly site?: string
}

export interface Pending extends Pick<Flight, 'startedAt' | 'firstResponseAt'> {
  readonly expected: Expectation
}

/** The odds that the pending attempts are dead at a given time, if the peer is online and no response arrives until then */
export interface Odds {
  /** The probability that no pending attempt will connect */
  readonly none: number
  /** The probability that it will not connect, for each pending attempt in their order */
  readonly each: readonly number[]
  /** The expected number of failed and dead addresses in the dial */
  readonly failures: number
}

/** @param facts the facts of the address, whose transport has a price. Default: a direct address of an unknown site */
export function expectation ({ valid, strength = Infinity, firstResponse, connect, roundTrips: { first, all } }: Estimate, facts?: Pick<Facts, 'transport' | 'isRelayed' | 'prefix'>): Expectation {
  const { mu, sigma } = firstResponse
  const ratio = first > 0 ? all / first : 1

  return {
    valid: clamp(valid, DOUBT, 1 - DOUBT),
    strength,
    mu,
    sigma: Math.max(sigma, DOUBT),
    patience: clamp(answerTime({ firstResponse }), DELAY.min, DELAY.max),
    ratio,
    handshake: 1 + ANSWERED.slack * (ratio - 1),
    overhead: Math.max(0, connect - Math.exp(mu) * ratio),
    price: priceOf(facts?.transport),
    site: facts?.isRelayed === true ? undefined : facts?.prefix
  }
}

/**
 * Returns the odds of the pending attempts at a time. The estimates are uncertain: each failure in the dial makes the others more likely to be dead
 *
 * @param failed the number of failed attempts in the dial
 */
export function oddsAt (pending: readonly Pending[], at: number, failed: number): Odds {
  const each: number[] = []
  let none = 1
  let failures = failed

  for (const one of pending) {
    const dead = deadAt(one, at, failures)
    each.push(dead)
    none *= dead
    failures += dead
  }

  return { none, each, failures }
}

/** Returns the probability that an address answers, if the peer is online, after failures in the same dial */
export function validAfter ({ valid, strength }: Pick<Expectation, 'valid' | 'strength'>, failures: number): number {
  return strength === Infinity ? valid : Math.max(DOUBT, valid * strength / (strength + failures))
}

function deadAt (pending: Pending, at: number, failures: number): number {
  const { expected, startedAt, firstResponseAt } = pending

  if (firstResponseAt != null) {
    return 1 - (at < handshakeEnd(pending) ? ANSWERED.alive : ANSWERED.overdue)
  }

  const valid = validAfter(expected, failures)

  return (1 - valid) / (1 - valid * answeredBy(expected, at - startedAt))
}

/** Returns the milliseconds of silence, since the start or the first response, after which an attempt is taken for dead */
export function waitFor (pending: Pending): number {
  const { expected: { patience }, firstResponseAt } = pending

  return firstResponseAt == null ? patience : clamp(handshakeEnd(pending) - firstResponseAt, DELAY.min, DELAY.max)
}

export function handshakeEnd ({ expected: { handshake }, startedAt, firstResponseAt }: Pending): number {
  return firstResponseAt == null ? startedAt : startedAt + Math.max(0, firstResponseAt - startedAt) * handshake + ANSWERED.grace
}

/**
 * Returns the probability that a pending attempt responds within some milliseconds, or has responded, and connects. An attempt with an overdue
 * handshake counts as silent
 */
export function heardWithin (pending: readonly Pending[], at: number, { each }: Odds, wait: number): number {
  return 1 - pending.reduce((none, one, i) => {
    const { expected, startedAt, firstResponseAt } = one
    const alive = 1 - (each[i] as number)

    return none * (1 - alive * (firstResponseAt == null ? answersWithin(expected, at - startedAt, at + wait - startedAt) : Number(at < handshakeEnd(one))))
  }, 1)
}

/** Returns the share of working addresses that respond within `age` milliseconds, by a log-normal distribution */
export function answeredBy ({ mu, sigma }: Pick<Expectation, 'mu' | 'sigma'>, age: number): number {
  return age > 0 ? normal((Math.log(age) - mu) / sigma) : 0
}

/** Returns the share of working addresses that respond between the ages `from` and `until`, of those that were silent until `from` */
function answersWithin (expected: Pick<Expectation, 'mu' | 'sigma'>, from: number, until: number): number {
  const before = answeredBy(expected, from)

  return before >= 1 ? 1 : Math.max(0, (answeredBy(expected, until) - before) / (1 - before))
}

/** Returns the cumulative normal distribution, within 8e-8 (Abramowitz and Stegun, 26.2.17) */
function normal (x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail = 0.3989422804 * Math.exp(-x * x / 2) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))

  return x > 0 ? 1 - tail : tail
}

function clamp (value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}

/**
 * The additional cost of an attempt that is answered, as a multiple of `costPerDial`: cryptography on two machines. If two of three direct addresses
 * work, a dial costs 1
 */
export const HANDSHAKE_PRICE = 0.45

/** The cost of starting a direct attempt: a packet or two, a socket and a slot */
const DIRECT = 0.7

/**
 * A relayed attempt first dials the relay and opens a stream to the peer through it. Its connection is limited, and uses the relay's bandwidth.
 * WebRTC is signalled over such a connection, and connects directly after that
 */
const PRICES: Partial<Record<Transport, number>> = { circuit: 3.5, webrtc: 4.5 }

/** Returns the cost of starting an attempt, as a multiple of `costPerDial`. @param transport the transport of the address. Default: a direct one */
export function priceOf (transport?: Transport): number {
  return (transport == null ? undefined : PRICES[transport]) ?? DIRECT
}
