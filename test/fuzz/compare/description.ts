import { PEERS } from '../addresses.ts'
import type { Script } from '../../../src/testing/index.ts'

/** A stage of no version: what a version makes of it stands in stages.ts */
export interface Step {
  kind: string
  /** Chooses among candidates, by a hash of their ids */
  salt: number
  ms: number
  count: number
  when: 'always' | 'empty' | 'exhausted'
  addresses: string[]
  /** Of a combinator: the pipelines that it takes */
  parts: Step[][]
}

export interface CallerDescription {
  at: number
  /** The place of the peer in PEERS */
  peer: number
  /** None: the caller names the peer */
  addresses: string[]
  options: { priority?: number, force?: boolean, provenance?: string[] }
  leavesAt?: number
  /** Dials through the second pipeline */
  isOther: boolean
}

/** All that happens in a case, as data: every version is run by it, and it can be shortened */
export interface Description {
  pipelines: Step[][]
  callers: CallerDescription[]
  /** By address, without its peer */
  network: Record<string, Script>
  /** By place and peer, as in `store 0` */
  known: Record<string, string[]>
  /** The peer store has signed records that name its certified addresses */
  isProven: boolean
  /** The connection gater denies an address in seven */
  isDenied: boolean
  /** Milliseconds that a store, routers, names or the gater take to answer, by place */
  delays: Record<string, number>
  settings: { maxParallelDials: number, maxPeerAddrsToDial: number, addressDialTimeout: number, dialTimeout: number }
}

export function isUnspecified (text: string): boolean {
  return text.startsWith('/ip4/0.0.0.0/')
}

export function withoutPeer (text: string): string {
  return text.replace(/\/p2p\/[^/]+$/, '')
}

/** Returns a text in which addresses are short enough to read: the hosts and ports of a case are few */
export function abbreviate (text: string): string {
  return PEERS.reduce((text, peer, i) => text.replaceAll(peer.toString(), `p${i}`), text).replaceAll(/\/(ip4|ip6|tcp|udp)\//g, '/').replaceAll('/4001', '')
}

/** The kind, #salt, milliseconds and count of a step, and what it has of the rest. Most kinds use one or two of the numbers */
function describeStep ({ kind, salt, ms, count, when, addresses, parts }: Step): string {
  const all = [`#${salt}`, `${ms}`, `${count}`, when === 'always' ? '' : when, ...addresses, ...parts.map(part => `[${describeSteps(part)}]`)]

  return `${kind}(${all.filter(text => text !== '').join(' ')})`
}

function describeSteps (steps: readonly Step[]): string {
  return steps.map(describeStep).join(' > ')
}

/** Writes a description in a few lines */
export function describe ({ pipelines, callers, network, known, isProven, isDenied, delays, settings }: Description): string {
  const used = callers.some(({ isOther }) => isOther) ? pipelines : pipelines.slice(0, 1)
  const text = JSON.stringify({ callers, known: Object.fromEntries(Object.entries(known).filter(([, list]) => list.length > 0)), isProven, isDenied, delays, settings })
  const mentioned = Object.fromEntries(Object.entries(network).filter(([address]) => text.includes(address) || used.some(steps => describeSteps(steps).includes(address))))

  return abbreviate([...used.map(describeSteps), text, JSON.stringify(mentioned)].join('\n  '))
}

function kindsIn (steps: readonly Step[]): string[] {
  return steps.flatMap(({ kind, when, parts }) => [when === 'always' ? kind : `${kind}:${when}`, ...parts.flatMap(kindsIn)])
}

/** The kinds of stages in it, and what callers do: differences in which these are the same mostly have one cause */
export function signatureOf ({ pipelines, callers, known, isProven, isDenied, delays }: Description): string {
  const used = callers.some(({ isOther }) => isOther) ? pipelines : pipelines.slice(0, 1)
  const traits = [
    !isProven && 'unproven claims',
    [...callers.flatMap(({ addresses }) => addresses), ...Object.values(known).flat()].some(isUnspecified) && 'unspecified address',
    isDenied && 'denied addresses',
    ...Object.entries(delays).map(([place, ms]) => ms > 0 && `slow ${place}`),
    callers.length > 1 && 'several callers',
    callers.some(({ leavesAt }) => leavesAt != null) && 'leaves',
    ...callers.flatMap(({ options }) => Object.keys(options)),
    callers.some(({ isOther }) => isOther) && 'two pipelines'
  ]

  return [...new Set([...used.flatMap(kindsIn).toSorted(), ...traits.filter(trait => trait !== false)])].join(', ')
}
