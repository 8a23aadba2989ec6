import { listStage, memoised } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { answerTime } from '../pipeline/dial-components.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import type { Estimate, Flight, Stage } from '../pipeline/types.ts'

/**
 * What one more dial may cost, in milliseconds of waiting: redundancy pays where it saves more than 10 ms for each KB that it
 * sends (Vulimiri et al., Low Latency via Redundancy, CoNEXT 2013). A whole dial over TCP takes 2.8 KB, 28 ms; over QUIC
 * 4.7 KB, 47 ms; a SYN that nobody answers 0.06 to 0.4 KB.
 */
export const LAMBDA = 30

export interface OddsPaceInit {
  /**
   * Milliseconds of waiting that one more dial may cost: 100 where dials are dear, 10 where somebody waits
   *
   * @default 30
   */
  lambda?: number
}

/**
 * A pace that weighs waiting against dialling: the next starts as soon as it is likely enough that all in flight are dead
 * and it is not, by what the node's history says of each. So what is likely to answer is given its time, and what is likely
 * to be dead is dialled side by side. Once a remote was heard of, its handshake is given time. Without a delay where both
 * sides dial at the same moment, as DCUtR has it (`initiator: false`).
 *
 * @throws InvalidPipelineError for an unknown option, and for what is not a finite number of milliseconds
 */
export function oddsPace (init: OddsPaceInit = {}): Stage<'candidates', 'candidates', 'odds-pace'> {
  checkArguments('oddsPace()', arguments, 1)
  checkOptions('oddsPace()', init, { lambda: FINITE_MILLISECONDS })
  const { lambda = LAMBDA } = init

  return listStage('odds-pace', (dial, work) => {
    // what is learnt while a dial runs does not change what it waits for
    const expected = memoised(candidate => expectation(dial.node.history.estimate(candidate)))

    work.pace(({ untried: [next], inFlight }) => {
      return next == null || dial.options.initiator === false ? 0 : nextStart(inFlight.map(flight => ({ ...flight, expected: expected(flight.candidate) })), expected(next), lambda)
    })

    return ({ candidates }) => candidates
  }, { role: 'pace', isPure: true })
}

/** Nothing is certain: what is given up as impossible would never be dialled, what is held to be sure never be doubted */
const DOUBT = 0.01

/** RFC 8305, section 8: the Minimum and the Maximum Connection Attempt Delay, in milliseconds */
const DELAY = { min: 10, max: 2_000 }

/** What is later is as good as never, and a search for it ends */
const LATEST = 60_000

/** Once the remote was heard of: that the handshake succeeds, while it may take so long, and after that */
const ANSWERED = { alive: 0.97, overdue: 0.05, slack: 1.5, grace: 50 }

/** An estimate, made ready to be asked for odds */
export interface Expectation {
  /** The probability that it answers, if the peer is online */
  readonly valid: number
  readonly mu: number
  readonly sigma: number
  /** Milliseconds within which it would almost surely have answered: 98 of 100 do */
  readonly patience: number
  /** How many times the time until the first response the connection takes, at most */
  readonly handshake: number
}

export interface Pending extends Pick<Flight, 'startedAt' | 'firstResponseAt'> {
  readonly expected: Expectation
}

export function expectation ({ valid, firstResponse, roundTrips: { first, all } }: Estimate): Expectation {
  const { mu, sigma } = firstResponse

  return {
    valid: clamp(valid, DOUBT, 1 - DOUBT),
    mu,
    sigma: Math.max(sigma, DOUBT),
    patience: clamp(answerTime({ firstResponse }), DELAY.min, DELAY.max),
    handshake: first > 0 ? 1 + ANSWERED.slack * (all - first) / first : 1
  }
}

/**
 * When the next may start, in whole milliseconds after the newest that is pending: as soon as
 *
 *     P(all pending are dead, the next is alive) x wait  >=  lambda x P(a pending one is alive)
 *
 * where `wait` is the time that it would take to be sure that they are dead. Whether the peer is online at all does not
 * matter: that probability stands on both sides.
 */
export function nextStart (pending: readonly Pending[], next: Expectation, lambda: number): number {
  const wait = Math.max(...pending.map(waitFor))
  const enough = 1 / (1 + next.valid * wait / lambda)
  const newest = Math.max(...pending.map(({ startedAt }) => startedAt))
  const isDue = (after: number): boolean => allDead(pending, newest + after) >= enough

  let early = -1
  let due = Math.min(LATEST, Math.ceil(Math.max(DELAY.max, ...pending.map(one => handshakeEnd(one) - newest))))

  // it only becomes more likely that all are dead
  while (due - early > 1) {
    const between = Math.floor((early + due) / 2)

    if (isDue(between)) {
      due = between
    } else {
      early = between
    }
  }

  return newest + due
}

/** The probability that none of them will connect, if the peer is online and nothing was heard until then */
export function allDead (pending: readonly Pending[], at: number): number {
  return pending.reduce((all, one) => all * dead(one, at), 1)
}

function dead (pending: Pending, at: number): number {
  const { expected: { valid }, startedAt, firstResponseAt } = pending

  return firstResponseAt == null
    ? (1 - valid) / (1 - valid * answeredBy(pending.expected, at - startedAt))
    : 1 - (at < handshakeEnd(pending) ? ANSWERED.alive : ANSWERED.overdue)
}

/** How long it takes until one that says nothing any more is given up, in milliseconds */
function waitFor (pending: Pending): number {
  const { expected: { patience }, firstResponseAt } = pending

  return firstResponseAt == null ? patience : clamp(handshakeEnd(pending) - firstResponseAt, DELAY.min, DELAY.max)
}

function handshakeEnd ({ expected: { handshake }, startedAt, firstResponseAt }: Pending): number {
  return firstResponseAt == null ? startedAt : startedAt + Math.max(0, firstResponseAt - startedAt) * handshake + ANSWERED.grace
}

/** The share of those alive that answer within `age` milliseconds: log-normal */
export function answeredBy ({ mu, sigma }: Pick<Expectation, 'mu' | 'sigma'>, age: number): number {
  return age > 0 ? normal((Math.log(age) - mu) / sigma) : 0
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
