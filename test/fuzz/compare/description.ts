import { PEERS } from '../addresses.ts'
import type { Script } from '../../../src/testing/index.ts'

/** A stage, independent of a version. stages.ts creates it for a version */
export interface Step {
  kind: string
  /** Selects candidates, by a hash of their ids */
  salt: number
  ms: number
  count: number
  when: 'always' | 'empty' | 'exhausted'
  addresses: string[]
  /** The pipelines of a combinator */
  parts: Step[][]
}

export interface CallerDescription {
  at: number
  /** The index of the peer in PEERS */
  peer: number
  /** The addresses that the caller passes. Empty: the caller passes the peer id */
  addresses: string[]
  options: { priority?: number, force?: boolean, provenance?: string[] }
  leavesAt?: number
  /** Whether the dial uses the second pipeline */
  isOther: boolean
}

/** A whole case as data, so that every version can run it and it can be shortened */
export interface Description {
  pipelines: Step[][]
  callers: CallerDescription[]
  /** The scripts by address, without the peer id */
  network: Record<string, Script>
  /** The known addresses by source and peer, as in `store 0` */
  known: Record<string, string[]>
  /** Whether the peer store has signed records with its certified addresses */
  isProven: boolean
  /** Whether the connection gater denies one address in seven */
  isDenied: boolean
  /** Milliseconds until a store, routers, names or the gater answer */
  delays: Record<string, number>
  settings: { maxParallelDials: number, maxPeerAddrsToDial: number, addressDialTimeout: number, dialTimeout: number }
}

export function isUnspecified (text: string): boolean {
  return text.startsWith('/ip4/0.0.0.0/')
}

export function withoutPeer (text: string): string {
  return text.replace(/\/p2p\/[^/]+$/, '')
}

/** Shortens the addresses in a text for reading: a case has few hosts and ports */
export function abbreviate (text: string): string {
  return PEERS.reduce((text, peer, i) => text.replaceAll(peer.toString(), `p${i}`), text).replaceAll(/\/(ip4|ip6|tcp|udp)\//g, '/').replaceAll('/4001', '')
}

/** Describes a step: its kind, #salt, milliseconds and count, and its other properties. Most kinds use one or two of the numbers */
function describeStep ({ kind, salt, ms, count, when, addresses, parts }: Step): string {
  const all = [`#${salt}`, `${ms}`, `${count}`, when === 'always' ? '' : when, ...addresses, ...parts.map(part => `[${describeSteps(part)}]`)]

  return `${kind}(${all.filter(text => text !== '').join(' ')})`
}

function describeSteps (steps: readonly Step[]): string {
  return steps.map(describeStep).join(' > ')
}

/** Describes a case in a few lines */
export function describe ({ pipelines, callers, network, known, isProven, isDenied, delays, settings }: Description): string {
  const used = callers.some(({ isOther }) => isOther) ? pipelines : pipelines.slice(0, 1)
  const text = JSON.stringify({ callers, known: Object.fromEntries(Object.entries(known).filter(([, list]) => list.length > 0)), isProven, isDenied, delays, settings })
  const mentioned = Object.fromEntries(Object.entries(network).filter(([address]) => text.includes(address) || used.some(steps => describeSteps(steps).includes(address))))

  return abbreviate([...used.map(describeSteps), text, JSON.stringify(mentioned)].join('\n  '))
}

function kindsIn (steps: readonly Step[]): string[] {
  return steps.flatMap(({ kind, when, parts }) => [when === 'always' ? kind : `${kind}:${when}`, ...parts.flatMap(kindsIn)])
}

/** Returns the kinds of stages in a case, and what callers do. Differences with the same kinds usually have one cause */
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
