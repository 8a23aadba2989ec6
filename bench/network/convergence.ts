import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { adaptive, aggressive, directFirst, frugal, goLike, quicFirst } from '../../presets/index.ts'
import { byHistory } from '../../src/stages/index.ts'
import { diallingNode } from './dialling-node.ts'
import { GAP } from './measure.ts'
import { peersOf } from './peers.ts'
import { seeded, shuffled } from './random.ts'
import { table } from './report.ts'
import { mean } from './statistics.ts'
import { startsInVirtualTime } from './virtual.ts'
import type { Claim } from '../claims.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { ListeningPeer } from './listeners.ts'
import type { Scenario } from './scenarios.ts'
import type { Peer } from './trial.ts'

/** The counts of one dial */
interface Count {
  readonly attempts: number
  /** Attempts that began after the first connection, and connections after the first */
  readonly late: number
  readonly second: number
}

interface Row {
  readonly scenario: string
  readonly preset: string
  readonly counts: Readonly<Record<Way, Count[]>>
  /** The number of TCP connections that the kernel opened */
  readonly sockets: Record<Way, number>
  /** The dials whose attempts in virtual time differ with and without convergence */
  readonly differing: string[]
}

/** The ways to dial. Two of them are without convergence: their difference is chance */
const WAYS = ['with', 'without', 'without again'] as const

type Way = typeof WAYS[number]

const NAMES = new Set(['S1', 'S2', 'S3', 'S4', 'S5', 'S6'])

/** The presets that converge by default, and the same with `explore: 0` for virtual time: random exploration would make runs differ */
const PRESETS: Readonly<Record<string, { readonly pipeline: DialPipeline, readonly certain: DialPipeline }>> = {
  'adaptive()': { pipeline: adaptive(), certain: adaptive().replace('by-history', byHistory({ explore: 0, costPerDial: 30 })) },
  'frugal()': { pipeline: frugal(), certain: frugal().replace('by-history', byHistory({ explore: 0, costPerDial: 100 })) },
  'aggressive()': { pipeline: aggressive(), certain: aggressive().replace('by-history', byHistory({ explore: 0, costPerDial: 10 })) },
  'goLike()': { pipeline: goLike(), certain: goLike() },
  'quicFirst()': { pipeline: quicFirst(), certain: quicFirst() },
  'directFirst()': { pipeline: directFirst(), certain: directFirst() }
}

/** The number of peers that one preset dials in one way before the next way follows */
const CHUNK = 20

/** Milliseconds after which every dial has ended, including those that fail */
const PATIENCE = 15_000

/** A difference of more standard errors than this is not chance */
const ERRORS = 3

/** Measures the cost of convergence if all addresses are direct: each preset dials each peer with and without `convergence: false` */
export async function convergence (scenarios: readonly Scenario[], listening: readonly ListeningPeer[], onProgress: (text: string) => void): Promise<{ report: string, claims: Claim[] }> {
  const random = seeded(1)
  const rows: Row[] = []

  for (const scenario of scenarios.filter(({ name }) => NAMES.has(name))) {
    const peers = peersOf(scenario.peer, listening, random)
    const own = Object.keys(PRESETS).map((preset): Row => ({ scenario: scenario.name, preset, counts: { with: [], without: [], 'without again': [] }, sockets: { with: 0, without: 0, 'without again': 0 }, differing: [] }))

    for (let first = 0; first < peers.length; first += CHUNK) {
      onProgress(`${scenario.name}, ${first} of ${peers.length} peers`)

      // shuffled, so that other work of the machine affects all ways equally
      for (const { row, way } of shuffled(own.flatMap(row => WAYS.map(way => ({ row, way }))), random)) {
        const before = activeOpens()
        row.counts[way].push(...await dialAll(pipelinesOf(row).pipeline, way, peers.slice(first, first + CHUNK)))
        row.sockets[way] += activeOpens() - before
      }
    }

    for (const row of own) {
      for (const peer of peers) {
        const [without, with_] = [await startsInVirtualTime(pipelinesOf(row).certain, peer, false), await startsInVirtualTime(pipelinesOf(row).certain, peer, true)]

        if (without.join() !== with_.join()) {
          row.differing.push(`${scenario.name} ${row.preset}: ${with_.join(', ')} instead of ${without.join(', ')}`)
        }
      }
    }

    rows.push(...own)
  }

  return { report: reportOf(rows, listening.length), claims: claimsOf(rows) }
}

async function dialAll (pipeline: DialPipeline, way: Way, peers: readonly Peer[]): Promise<Count[]> {
  const nodes = await Promise.all(peers.map(async () => diallingNode(pipeline, way !== 'with' ? { dialer: { convergence: false } } : {})))
  const counts = await Promise.all(peers.map(async ({ id, addresses }, i): Promise<Count> => {
    const node = nodes[i] as typeof nodes[0]
    await sleep(i * GAP)
    await node.dial(addresses.map(address => multiaddr(address))).catch(() => {})
    await Promise.race([node.ended, sleep(PATIENCE, undefined, { ref: false }).then(() => { throw new Error(`a dial of ${id} has not ended`) })])
    const { opened, late } = node.counts

    return { attempts: node.takeAttempts(id).length, late, second: Math.max(0, opened - 1) }
  }))

  await Promise.all(nodes.map(async node => node.stop()))

  return counts
}

function pipelinesOf ({ preset }: Row): { readonly pipeline: DialPipeline, readonly certain: DialPipeline } {
  return PRESETS[preset] as typeof PRESETS[string]
}

/** Returns the number of TCP connections that were opened in this network namespace so far */
function activeOpens (): number {
  const [names = [], values = []] = readFileSync('/proc/net/snmp', 'utf8').split('\n').filter(line => line.startsWith('Tcp:')).map(line => line.split(' '))

  return Number(values[names.indexOf('ActiveOpens')])
}

function reportOf (rows: readonly Row[], peers: number): string {
  const names = [...new Set(rows.map(({ scenario }) => scenario))]
  const cells = (of: (row: Row, way: Way) => number): string[][] => Object.keys(PRESETS).map(preset => {
    const own = rows.filter(row => row.preset === preset)

    return [preset].concat(own.map(row => `${of(row, 'without').toFixed(2)}, ${of(row, 'without again').toFixed(2)} → ${of(row, 'with').toFixed(2)}`))
  })

  return [
    '### What convergence costs where all addresses are direct',
    `${peers} peers a scenario, a new node for each dial: twice without convergence → with it. Attempts of a dial:`,
    table(['preset', ...names], cells(({ counts }, way) => mean(counts[way].map(({ attempts }) => attempts)))),
    'TCP connections of a dial that the kernel began (QUIC has none):',
    table(['preset', ...names], cells(({ counts, sockets }, way) => sockets[way] / counts[way].length))
  ].join('\n\n')
}

function claimsOf (rows: readonly Row[]): Claim[] {
  const names = [...new Set(rows.map(({ scenario }) => scenario))]
  const sum = (way: Way, of: (count: Count) => number): number => rows.flatMap(({ counts }) => counts[way]).reduce((all, count) => all + of(count), 0)
  const late = sum('with', count => count.late)
  // second connections are no fault by themselves: a losing attempt may connect while it is cancelled
  const [more, usual] = [sum('with', ({ second }) => second), sum('without', ({ second }) => second)]
  const differing = rows.flatMap(row => row.differing)
  const unbacked = rows.filter(({ counts, sockets }) => WAYS.some(way => sockets[way] > counts[way].reduce((all, { attempts }) => all + attempts, 0)))

  return [
    claim(`no attempt begins after the first connection: ${late}`, late === 0),
    claim(`${more} second connections with it, ${usual} without`, more - usual <= ERRORS * Math.sqrt(more + usual)),
    claim(`no socket is opened without an attempt${unbacked.map(({ scenario, preset }) => `: ${scenario} ${preset}`).join()}`, unbacked.length === 0),
    claim(`in virtual time ${differing.length} dials make other attempts with it${differing.slice(0, 3).map(one => `; ${one}`).join('')}`, differing.length === 0),
    ...names.map(name => {
      const own = rows.filter(({ scenario }) => scenario === name)
      const [more, chance] = [differenceOf(own, 'with'), differenceOf(own, 'without again')]

      return claim(`${name}: a dial makes ${more.value.toFixed(3)} attempts more with it, and ${chance.value.toFixed(3)} more without it once again; ${(ERRORS * more.error).toFixed(3)} would be chance`, more.value <= ERRORS * more.error)
    })
  ]
}

/** Returns how many more attempts a dial makes than without convergence. A chunk is one measurement, because a busy moment affects all its dials */
function differenceOf (rows: readonly Row[], way: Way): { value: number, error: number } {
  const differences = rows.flatMap(({ counts }) => chunksOf(counts[way]).map((chunk, i) => mean(chunk) - mean(chunksOf(counts.without)[i] ?? [])))
  const value = mean(differences)

  return { value, error: Math.sqrt(mean(differences.map(one => (one - value) ** 2)) / (differences.length - 1)) }
}

function chunksOf (counts: readonly Count[]): number[][] {
  return Array.from({ length: Math.ceil(counts.length / CHUNK) }, (_, i) => counts.slice(i * CHUNK, (i + 1) * CHUNK).map(({ attempts }) => attempts))
}

function claim (text: string, isMet: boolean): Claim {
  return { text: `convergence: ${text}`, isMet }
}
