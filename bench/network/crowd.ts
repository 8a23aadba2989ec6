import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { listeners } from './listeners.ts'
import { peersOf } from './peers.ts'
import { seeded } from './random.ts'
import { latenessText, ms, table } from './report.ts'
import { goodPeer, stalePeer } from './scenarios.ts'
import { quantile } from './statistics.ts'
import { FIXED, FIXED_BARE, ORACLE, STOCK, nameOf } from './strategies.ts'
import type { Mirror } from '../../test/helpers/network/mirror.ts'
import type { Claim } from '../claims.ts'
import type { Peer } from './trial.ts'
import type { Belief } from '../../src/history/belief.ts'

/** The limits of parallel dials. With the defaults a node runs a hundred at once, and the dialer of a pipeline queues the others */
export type Limits = 'defaults' | 'slots for all'

export interface CrowdOrder {
  readonly name: string
  readonly limits: Limits
  readonly peers: readonly Peer[]
  readonly warmUp: readonly Peer[]
  readonly belief: Partial<Belief>
}

export interface CrowdResult {
  /** Milliseconds from the start of all dials to each connection */
  readonly times: readonly number[]
  /** Milliseconds until the last dial had connected or failed */
  readonly took: number
  /** The number of TCP connections that were opened */
  readonly sockets: number
  /** The delays of the event loop, in milliseconds */
  readonly loop: { readonly p99: number, readonly max: number }
  /** Processor time of the dialling process, in milliseconds */
  readonly cpu: number
}

const ROUNDS = 3
const WARM_UP = 40
const BELIEF = { success: 0.3, online: 1 }

const ADAPTIVE = nameOf('adaptive()', 'beliefs')
const FRUGAL = nameOf('frugal()', 'beliefs')

/** The maximum with default limits: multiples of the oracle's time, sockets for each peer, milliseconds of delay */
const DEFAULTS = { times: 1.6, sockets: 4, late: 60 }

/** The dialers that are compared in a crowd of several thousand: libp2p's own dialer refuses most of it */
const IN_LARGE_CROWDS = new Set([ORACLE, ADAPTIVE])
const LARGE = 2_000

const CROWDS: ReadonlyArray<{ name: string, limits: Limits }> = [
  { name: STOCK, limits: 'defaults' },
  { name: STOCK, limits: 'slots for all' },
  { name: 'all at once', limits: 'slots for all' },
  { name: FIXED_BARE, limits: 'slots for all' },
  { name: ORACLE, limits: 'slots for all' },
  ...[FIXED, ADAPTIVE, FRUGAL].flatMap(name => (['defaults', 'slots for all'] as const).map(limits => ({ name, limits })))
]

/** Runs S10: a node dials many peers at the same moment. Each peer has eight addresses, most of them stale */
export async function crowd (count: number, mirror: Mirror, onProgress: (text: string) => void): Promise<{ report: string, claims: Claim[] }> {
  const remote = await listeners(count + WARM_UP, ['tcp4'])
  await mirror.lateness()
  const isLarge = count > LARGE
  const crowds = CROWDS.filter(({ name, limits }) => !isLarge || (IN_LARGE_CROWDS.has(name) && (name === ORACLE || limits === 'defaults')))
  const results = new Map(crowds.map(crowd => [crowd, [] as CrowdResult[]]))

  for (let round = 0; round < ROUNDS; round++) {
    const random = seeded(round)
    const peers = peersOf(stalePeer, remote.peers.slice(WARM_UP), random)
    const warmUp = peersOf(goodPeer, remote.peers.slice(0, WARM_UP), random)

    for (const crowd of round % 2 === 0 ? crowds : crowds.toReversed()) {
      onProgress(`round ${round + 1} of ${ROUNDS}: ${crowd.name}, ${crowd.limits}`)
      results.get(crowd)?.push(await dialInProcess({ ...crowd, peers, warmUp, belief: BELIEF }))
    }
  }

  await remote.close()

  const rows = crowds.map(crowd => {
    const { connected, took, p50, sockets, p99, max, cpu } = summaryOf(crowd.name, crowd.limits)

    return [crowd.name, crowd.limits, `${connected}`, ms(took), ms(p50), `${sockets}`, ms(p99), ms(max), ms(cpu)]
  })

  return {
    report: [
      `### S10: ${count} peers at once, eight addresses each: 30 % good, 42 % blackholes, 28 % refuse`,
      `The median of ${ROUNDS} rounds; told: ${JSON.stringify(BELIEF)}.`,
      table(['dialer', 'limits', 'connected', 'until the last, ms', 'p50 of a dial', 'sockets', 'event loop p99 late, ms', 'at most', 'processor ms'], rows),
      latenessText(await mirror.lateness())
    ].join('\n\n'),
    claims: isLarge ? [connectsAll('defaults')] : [
      ...withDefaults(),
      ...(['defaults', 'slots for all'] as const).flatMap(limits => {
        const [own, fixed] = [summaryOf(ADAPTIVE, limits), summaryOf(FIXED_BARE, 'slots for all')]

        return [
          connectsAll(limits),
          claim(`${ADAPTIVE} with ${limits} keeps the event loop at most half as late (p99) as ${FIXED_BARE}: ${ms(own.p99)} ms, ${ms(fixed.p99)} ms`, own.p99 <= fixed.p99 / 2)
        ]
      }),
      claim(`${ADAPTIVE} with slots for all takes at most 5 sockets a peer: ${summaryOf(ADAPTIVE, 'slots for all').sockets}`, summaryOf(ADAPTIVE, 'slots for all').sockets <= 5 * count)
    ]
  }

  function connectsAll (limits: Limits): Claim {
    const { connected } = summaryOf(ADAPTIVE, limits)

    return claim(`${ADAPTIVE} connects all with ${limits}: ${connected} of ${count}`, connected === count)
  }

  function withDefaults (): Claim[] {
    const { sockets, p99 } = summaryOf(ADAPTIVE, 'defaults')
    const oracle = roundsOf(ORACLE, 'slots for all')
    // paired rounds: other work of the machine affects both dialers
    const times = quantile(0.5)(roundsOf(ADAPTIVE, 'defaults').map(({ took }, round) => took / (oracle[round]?.took ?? NaN)))

    return [
      claim(`${ADAPTIVE} with defaults takes at most ${DEFAULTS.times} times the time of the ${ORACLE}: ${times.toFixed(2)} times`, times <= DEFAULTS.times),
      claim(`${ADAPTIVE} with defaults takes at most ${DEFAULTS.sockets} sockets a peer: ${sockets}`, sockets <= DEFAULTS.sockets * count),
      claim(`${ADAPTIVE} with defaults keeps the event loop at most ${DEFAULTS.late} ms late (p99): ${ms(p99)} ms`, p99 <= DEFAULTS.late)
    ]
  }

  function roundsOf (name: string, limits: Limits): CrowdResult[] {
    return [...results].find(([crowd]) => crowd.name === name && crowd.limits === limits)?.[1] ?? []
  }

  function summaryOf (name: string, limits: Limits) {
    const rounds = roundsOf(name, limits)
    const median = (of: (result: CrowdResult) => number): number => quantile(0.5)(rounds.map(of))

    return {
      connected: Math.min(...rounds.map(({ times }) => times.length)),
      took: median(({ took }) => took),
      p50: median(({ times }) => quantile(0.5)(times)),
      sockets: Math.round(median(({ sockets }) => sockets)),
      p99: median(({ loop }) => loop.p99),
      max: median(({ loop }) => loop.max),
      cpu: median(({ cpu }) => cpu)
    }
  }
}

function claim (text: string, isMet: boolean): Claim {
  return { text: `S10: ${text}`, isMet }
}

async function dialInProcess (order: CrowdOrder): Promise<CrowdResult> {
  const child = fork(fileURLToPath(new URL('./crowd-process.ts', import.meta.url)))
  const ended = once(child, 'exit')
  child.send(order)
  const answer = await Promise.race([once(child, 'message'), ended.then(() => undefined)])

  if (answer == null) {
    throw new Error(`the dialling process ended without a result: ${child.exitCode ?? child.signalCode}`)
  }

  await ended

  return answer[0] as CrowdResult
}
