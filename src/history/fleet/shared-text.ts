import { InvalidParametersError } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_NAME } from '../../address/check-name.ts'
import { Facts } from '../../address/facts.ts'
import { readPeerId } from '../../address/peer-id.ts'
import { isOversized } from '../../pipeline/candidate.ts'
import { isRecord } from '../../pipeline/option-kinds.ts'
import { mapInTurns } from './in-turns.ts'

/** The version of the text. Increase it with each change */
const VERSION = 1

/** The maximum number of characters of a text: about 4,000 peers */
export const MAX_TEXT = 1_048_576

/** The maximum number of addresses of a peer. Those that were dialled last are kept */
export const MAX_ADDRESSES = 64

/** The maximum number of characters of a row besides its peer id or address */
export const ROW_OVERHEAD = 64

/** The maximum count in a text: higher ones make no difference */
const MAX_COUNT = 1_000

/** The latest time that a Date can represent */
const MAX_TIME = 8.64e15

/** A random name in hexadecimal digits */
const MEMBER = /^[\da-f]{32}$/

/** Successes and failures with the decay until a time */
export interface SharedCounts {
  readonly successes: number
  readonly failures: number
  /** Milliseconds from that time to the export */
  readonly age: number
}

export interface SharedAddress extends SharedCounts {
  /** Without the peer id at its end */
  readonly address: string
  readonly facts: Facts
}

export interface SharedPeer {
  readonly peer: string
  /** The observations of whether the peer was online */
  readonly online: SharedCounts
  readonly addresses: readonly SharedAddress[]
}

/** The observations of one member of a fleet */
export interface SharedHistory {
  /** The random name of the member */
  readonly member: string
  /** The time of the export, on the member's clock */
  readonly at: number
  /** The peers that were dialled last come first */
  readonly peers: readonly SharedPeer[]
}

type CountsRow = [successes: number, failures: number, age: number]
type AddressRow = [address: string, successes: number, failures: number, age: number]
type PeerRow = [peer: string, online: CountsRow, addresses: AddressRow[]]

/** Returns the key of an address in the history */
export function keyOf (address: string, peer: string): string {
  return `${address}/p2p/${peer}`
}

/** Parses an address. Undefined: it is not in the form that the history stores */
export function factsOf (text: string): Facts | undefined {
  try {
    const address = multiaddr(text)

    return address.toString() === text && !isOversized(address) ? new Facts(address) : undefined
  } catch {
    return undefined
  }
}

/**
 * Returns whether an address means the same host to every member of a fleet: on the internet, or in a private network that all of them are in. Loopback
 * and link-local addresses do not
 */
export function isShared ({ scope }: Facts, isPrivate: boolean): boolean {
  return scope === 'public' || scope === 'name' || (isPrivate && scope === 'private')
}

export function writeShared ({ member, at, peers }: SharedHistory): string {
  return JSON.stringify({ version: VERSION, member, at: Math.round(at), peers: peers.map(peerRow) })
}

function peerRow ({ peer, online, addresses }: SharedPeer): PeerRow {
  return [peer, countsRow(online), addresses.map(one => [one.address, ...countsRow(one)])]
}

function countsRow ({ successes, failures, age }: SharedCounts): CountsRow {
  return [rounded(Math.min(MAX_COUNT, successes)), rounded(Math.min(MAX_COUNT, failures)), age]
}

function rounded (value: number): number {
  return Math.round(value * 100) / 100
}

/**
 * Parses an untrusted text
 *
 * @throws InvalidParametersError for a text that `writeShared()` cannot have written
 */
export async function readShared (text: string): Promise<SharedHistory> {
  if (typeof text !== 'string') {
    throw refusal(`not ${text === null ? 'null' : typeof text}`)
  }

  if (text.length > MAX_TEXT) {
    throw refusal(`not one of ${text.length} characters: an export has ${MAX_TEXT} at most`)
  }

  const { version, member, at, peers, ...others } = parse(text)

  if (version !== VERSION) {
    throw refusal(`and this version of the package reads version ${VERSION}, not ${String(version).slice(0, 32)}`)
  }

  if (!isMember(member) || !isCount(at, MAX_TIME) || !Array.isArray(peers) || Object.keys(others).length > 0) {
    throw refusal('not an object of other keys or types')
  }

  return { member, at, peers: await mapInTurns(peers, readPeer) }
}

function parse (text: string): Record<string, unknown> {
  let value: unknown

  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refusal('not text that is no JSON', cause)
  }

  if (!isRecord(value)) {
    throw refusal('not JSON of something else than an object')
  }

  return value as Record<string, unknown>
}

function readPeer (row: unknown, i: number): SharedPeer {
  const [peer, online, addresses, ...others] = Array.isArray(row) ? row as unknown[] : []
  const counts = readCounts(online)

  if (typeof peer !== 'string' || peer.length > MAX_NAME || readPeerId(peer)?.toString() !== peer || counts == null || !Array.isArray(addresses) || addresses.length > MAX_ADDRESSES || others.length > 0) {
    throw refusal(`and peer ${i} of the text is none`)
  }

  return { peer, online: counts, addresses: addresses.map(address => readAddress(address, i)) }
}

function readAddress (row: unknown, i: number): SharedAddress {
  const [address, successes, failures, age, ...others] = Array.isArray(row) ? row as unknown[] : []
  const counts = readCounts([successes, failures, age])
  const facts = typeof address === 'string' ? factsOf(address) : undefined

  if (typeof address !== 'string' || facts == null || counts == null || others.length > 0) {
    throw refusal(`and an address of peer ${i} of the text is none`)
  }

  return { address, facts, ...counts }
}

function readCounts (row: unknown): SharedCounts | undefined {
  const [successes, failures, age, ...others] = Array.isArray(row) ? row as unknown[] : []

  return isCount(successes, MAX_COUNT) && isCount(failures, MAX_COUNT) && isCount(age, MAX_TIME) && others.length === 0
    ? { successes, failures, age }
    : undefined
}

function isCount (value: unknown, max: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= max
}

function isMember (value: unknown): value is string {
  return typeof value === 'string' && MEMBER.test(value)
}

function refusal (reason: string, cause?: unknown): Error {
  return Object.assign(new InvalidParametersError(`merge() needs a text that export() has returned, ${reason}`), { cause })
}
