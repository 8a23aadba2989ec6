import { answerTime } from '../pipeline/dial-components.ts'
import { priceOf } from './prices.ts'
import type { Price } from './prices.ts'
import type { Facts } from '../address/facts.ts'
import type { Estimate, Flight } from '../pipeline/types.ts'

/** Nothing is certain: what is given up as impossible would never be dialled, what is held to be sure never be doubted */
const DOUBT = 0.01

/** RFC 8305, section 8: the Minimum and the Maximum Connection Attempt Delay, in milliseconds */
export const DELAY = { min: 10, max: 2_000 }

/** Once the remote was heard of: that the handshake succeeds, while it may take so long, and after that */
const ANSWERED = { alive: 0.97, overdue: 0.05, slack: 1.5, grace: 50 }

/** An estimate, made ready to be asked for odds */
export interface Expectation {
  /** The probability that it answers, if the peer is online */
  readonly valid: number
  /** As how many observations that counts */
  readonly strength: number
  readonly mu: number
  readonly sigma: number
  /** Milliseconds within which it would almost surely have answered: 98 of 100 do */
  readonly patience: number
  /** How many times the time until the first response the connection takes: as expected, and at most */
  readonly ratio: number
  readonly handshake: number
  /** Milliseconds that the connection takes beside that */
  readonly overhead: number
  /** In dials */
  readonly price: Price
  /** Round trips to addresses of one site are alike. Undefined: it is behind a relay, or has no IP address */
  readonly site?: string
}

export interface Pending extends Pick<Flight, 'startedAt' | 'firstResponseAt'> {
  readonly expected: Expectation
}

/** How likely those that are pending are dead, if the peer is online and nothing more was heard until then */
export interface Odds {
  /** The probability that none of them will connect */
  readonly none: number
  /** The same of each */
  readonly each: readonly number[]
  /** How many have failed in the dial or are dead, as far as one can tell */
  readonly failures: number
}

/** @param facts of the address, whose transport has its price. Default: those of a direct one anywhere */
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
 * What is believed of addresses is not certain: the more have failed in the dial, the likelier the others are dead
 *
 * @param failed how many have failed in the dial
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

/** The probability that an address answers, if the peer is online, after others have failed in the same dial */
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

/** How long it takes until one that says nothing any more is given up, in milliseconds */
export function waitFor (pending: Pending): number {
  const { expected: { patience }, firstResponseAt } = pending

  return firstResponseAt == null ? patience : clamp(handshakeEnd(pending) - firstResponseAt, DELAY.min, DELAY.max)
}

export function handshakeEnd ({ expected: { handshake }, startedAt, firstResponseAt }: Pending): number {
  return firstResponseAt == null ? startedAt : startedAt + Math.max(0, firstResponseAt - startedAt) * handshake + ANSWERED.grace
}

/**
 * The probability that one of those that are pending is heard of within some milliseconds, or was heard of before, and connects. One whose
 * handshake takes longer than any should is heard of no more
 */
export function heardWithin (pending: readonly Pending[], at: number, { each }: Odds, wait: number): number {
  return 1 - pending.reduce((none, one, i) => {
    const { expected, startedAt, firstResponseAt } = one
    const alive = 1 - (each[i] ?? 0)

    return none * (1 - alive * (firstResponseAt == null ? answersWithin(expected, at - startedAt, at + wait - startedAt) : Number(at < handshakeEnd(one))))
  }, 1)
}

/** The share of those alive that answer within `age` milliseconds: log-normal */
export function answeredBy ({ mu, sigma }: Pick<Expectation, 'mu' | 'sigma'>, age: number): number {
  return age > 0 ? normal((Math.log(age) - mu) / sigma) : 0
}

/** The share of those that are silent until one age, and alive, which answer until another */
function answersWithin (expected: Pick<Expectation, 'mu' | 'sigma'>, from: number, until: number): number {
  const before = answeredBy(expected, from)

  return before >= 1 ? 1 : Math.max(0, (answeredBy(expected, until) - before) / (1 - before))
}

/** The normal distribution's integral, within 8e-8 (Abramowitz and Stegun, 26.2.17) */
function normal (x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail = 0.3989422804 * Math.exp(-x * x / 2) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))

  return x > 0 ? 1 - tail : tail
}

function clamp (value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
