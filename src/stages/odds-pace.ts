import { listStage, memoised } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { HeadStart } from './head-start.ts'
import { DELAY, expectation, handshakeEnd, heardWithin, oddsAt, validAfter, waitFor } from './odds.ts'
import type { Expectation, Pending } from './odds.ts'
import type { Stage } from '../pipeline/types.ts'

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
 * A pace that weighs waiting against dialling: the next starts as soon as it is likely enough that all in flight are dead, or that it
 * would be faster, by what the node's history says of each. So what is likely to answer soon is given its time, what is likely
 * to be dead is dialled side by side, and a relayed address, which is dear, waits for longer. Once a remote was heard of, its handshake is
 * given time. Without a delay where both sides dial at the same moment, as DCUtR has it (`initiator: false`).
 *
 * @throws InvalidPipelineError for an unknown option, and for what is not a finite number of milliseconds
 */
export function oddsPace (init: OddsPaceInit = {}): Stage<'candidates', 'candidates', 'odds-pace'> {
  checkArguments('oddsPace()', arguments, 1)
  checkOptions('oddsPace()', init, { lambda: FINITE_MILLISECONDS })
  const { lambda = LAMBDA } = init

  return listStage('odds-pace', (dial, work) => {
    const expected = memoised(candidate => expectation(dial.part.memory.estimateOf(candidate, dial.node.history), candidate.facts))

    work.pace(({ untried: [next], inFlight, outcomes }) => {
      return next == null || dial.options.initiator === false ? 0 : nextStart(inFlight.map(flight => ({ ...flight, expected: expected(flight.candidate) })), expected(next), lambda, outcomes.length)
    })

    return ({ candidates }) => candidates
  }, { role: 'pace', isPure: true })
}

/** The next starts now if that is worth more than to start it these shares of the wait later */
const LATER = [0.25, 1]

/** Of the search for the time, in milliseconds and as a share */
const FIRST_STEP = 32
const PRECISION = 0.03

/** What is later is as good as never, and a search for it ends */
const LATEST = 60_000

/**
 * When the next may start, in whole milliseconds after the newest that is pending: as soon as it costs more to wait than it saves,
 *
 *     P(the next is alive) x (P(all pending are dead) x wait + head start)  >=  price x P(a pending one is heard of within the wait)
 *
 * where the wait is the time that it would take to be sure that they are dead, and a quarter of that, in which about half of a new network's answers come;
 * and the head start is by how much the next would be faster where one of them is alive. Whether the peer is online at all does not matter: that probability stands on both sides.
 *
 * @param failed how many have failed in the dial
 */
export function nextStart (pending: readonly Pending[], next: Expectation, lambda: number, failed = 0): number {
  const wait = Math.max(...pending.map(waitFor))
  const newest = Math.max(...pending.map(({ startedAt }) => startedAt))
  // what was heard is not known before
  const from = Math.ceil(Math.max(0, ...pending.map(({ firstResponseAt = -Infinity }) => firstResponseAt - newest)))
  const latest = Math.min(LATEST, Math.ceil(Math.max(from, DELAY.max, ...pending.map(one => handshakeEnd(one) - newest))))
  const headStart = new HeadStart(pending, next, newest + from, LATER.map(share => share * wait))

  const isDue = (after: number): boolean => {
    const at = newest + after
    const odds = oddsAt(pending, at, failed)
    const valid = validAfter(next, odds.failures)
    const price = lambda * (next.price.start + next.price.handshake * valid)
    const saved = LATER.map(share => price * heardWithin(pending, at, odds, share * wait) - valid * odds.none * share * wait)

    return saved.every(saved => saved <= 0) || headStart.at(at, odds).every((gain, i) => valid * gain >= (saved[i] ?? 0))
  }

  return newest + firstDue(isDue, from, latest)
}

/**
 * The first time that is due, within 3 %: until something is heard it only becomes more likely that all are dead, and that the others take longer
 *
 * @param latest due in any case
 */
function firstDue (isDue: (after: number) => boolean, from: number, latest: number): number {
  if (isDue(from)) {
    return from
  }

  let early = from
  let due = Math.min(latest, from + FIRST_STEP)

  while (due < latest && !isDue(due)) {
    early = due
    due = Math.min(latest, from + 2 * (due - from))
  }

  while (due - early > Math.max(1, due * PRECISION)) {
    const between = Math.floor((early + due) / 2)

    if (isDue(between)) {
      due = between
    } else {
      early = between
    }
  }

  return due
}
