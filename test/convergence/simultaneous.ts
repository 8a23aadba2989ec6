import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE } from '../helpers/until.ts'
import { CONFIGURED } from './converging-dialer.ts'
import { ConvergingEnd } from './converging-end.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { ConvergingDialer } from './converging-dialer.ts'
import type { Outcome } from './converging-end.ts'

/** Milliseconds by which one end may be ahead of the other */
const STEP = 10

export interface SimultaneousInit {
  pairs: number
  /** The rounds of each pair */
  rounds: number
  /** Whether both ends, or only one, have the rule */
  rule: 'both' | 'one'
  /** @default CONFIGURED */
  dialer?: ConvergingDialer
  /** The options of each end, which listens at two addresses. Default: TCP and WebSockets on the loopback interface */
  node?: NodeOptions<any>
  /**
   * Milliseconds after which a dial is repeated, for transports that get stuck
   *
   * @default 60000
   */
  tryFor?: number
}

/** Has both nodes of each pair dial each other over two transports at the same moment, in several rounds, while they open streams */
export async function simultaneous ({ pairs, rounds, rule, dialer = CONFIGURED, node = {}, tryFor = PATIENCE }: SimultaneousInit): Promise<Outcome> {
  const outcome: Outcome = { rounds: 0, converged: 0, thinned: 0, lost: 0, connections: 0, streams: 0, crossed: 0, cut: 0, repeated: 0 }

  await Promise.all(Array.from({ length: pairs }, async () => {
    const ends = await Promise.all([true, rule === 'both'].map(async hasRule => ConvergingEnd.create({ outcome, hasRule, dialer, node, tryFor }))) as [ConvergingEnd, ConvergingEnd]

    try {
      for (let round = 0; round < rounds; round++) {
        await meet(ends, outcome)
      }
    } finally {
      await Promise.all(ends.map(async ({ node }) => node.stop()))
    }
  }))

  return outcome
}

async function meet ([one, two]: readonly [ConvergingEnd, ConvergingEnd], outcome: Outcome): Promise<void> {
  one.isDone = two.isDone = false
  await Promise.all([one.dial(two), two.dial(one)])
  outcome.rounds++

  const busy = new AbortController()
  const talks = [one.talk(two, busy.signal), two.talk(one, busy.signal)]
  const { dialer: { factor, idle } } = one
  const end = performance.now() + idle + PATIENCE

  while (!isThinned(one, two) && one.to(two).length > 0 && performance.now() < end) {
    await sleep(STEP)
  }

  // time for further connections to close
  await sleep(3_000 / factor)
  busy.abort()
  await Promise.all(talks)
  one.isDone = two.isDone = true

  outcome.thinned += isThinned(one, two) ? 1 : 0

  if (one.to(two).length === 0 || two.to(one).length === 0) {
    outcome.lost++
  } else if (isOne(one, two) && await one.reaches(two) === two.to(one)[0]) {
    outcome.converged++
  }

  await Promise.all([...one.to(two), ...two.to(one)].map(async connection => connection.close().catch(err => { connection.abort(err) })))

  while (one.to(two).length > 0 || two.to(one).length > 0) {
    await sleep(STEP)
  }
}

function isOne (one: ConvergingEnd, two: ConvergingEnd): boolean {
  return one.to(two).length === 1 && two.to(one).length === 1
}

/** Returns whether no connection is left that the rule would close */
function isThinned (one: ConvergingEnd, two: ConvergingEnd): boolean {
  return one.hasRule && two.hasRule ? isOne(one, two) : one.to(two).filter(({ direction }) => direction === 'outbound').length <= 1
}
