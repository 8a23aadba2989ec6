import { InvalidParametersError } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_NAME } from '../../address/check-name.ts'
import { Facts } from '../../address/facts.ts'
import { readPeerId } from '../../address/peer-id.ts'
import { isOversized } from '../../pipeline/candidate.ts'
import { isRecord } from '../../pipeline/option-kinds.ts'
import { mapInTurns } from '../../datastore/turn-limits.ts'

/** The version of the text. Increase it with each change */
const VERSION = 1

/** The maximum number of characters of a text: about 4,000 peers */
export const MAX_TEXT = 1_048_576

/** The peers in one turn of the event loop: reading 64 addresses of each takes at most 25 ms */
export const PEERS_PER_TURN = 20

/** The maximum number of addresses of a peer, the ones that were dialled last */
export const MAX_ADDRESSES = 64

/** The maximum count in a text: higher ones make no difference */
const MAX_COUNT = 1_000

const MAX_TIME = 8.64e15

const MEMBER = /^[\da-f]{32}$/

/** Successes and failures, and how many milliseconds before the export they decayed last */
export type CountsRow = [successes: number, failures: number, age: number]

/** The observations of an address, which is without the peer id at its end */
export type AddressRow = [address: string, ...counts: CountsRow]

/** `online`: the observations of whether the peer was online */
export type PeerRow = [peer: string, online: CountsRow, addresses: readonly AddressRow[]]

/** The observations of one member of a fleet, as they are in a text */
export interface SharedHistory {
  readonly member: string
  /** The time of the export on the member's clock, in milliseconds since the epoch */
  readonly at: number
  /** The peers that were dialled last come first */
  readonly peers: readonly PeerRow[]
}

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

/** Returns whether an address means the same host to every member of a fleet */
export function isShared ({ scope }: Facts): boolean {
  return scope === 'public' || scope === 'name'
}

export function writeShared ({ member, at, peers }: SharedHistory): string {
  return JSON.stringify({ version: VERSION, member, at: Math.round(at), peers })
}

/** Returns a count with the precision and the maximum of a text */
export function roundedCount (value: number): number {
  return Math.round(Math.min(MAX_COUNT, value) * 100) / 100
}

/**
 * Parses an untrusted text, and leaves out the addresses that not every member can use
 *
 * @throws InvalidParametersError for a text that `writeShared()` cannot have written
 */
export async function readShared (text: string): Promise<SharedHistory> {
  const { version, member, at, peers, ...others } = parse(text)
  check(version === VERSION, `and this version of the package reads version ${VERSION}, not ${String(version).slice(0, 32)}`)
  check(typeof member === 'string' && MEMBER.test(member) && isCount(at, MAX_TIME) && Array.isArray(peers) && Object.keys(others).length === 0, 'not an object of other keys or types')

  return { member, at, peers: await mapInTurns(peers, PEERS_PER_TURN, readPeer) }
}

/** @throws InvalidParametersError for anything else than the text of an object */
function parse (text: unknown): Record<string, any> {
  check(typeof text === 'string', `not ${text === null ? 'null' : typeof text}`)
  check(text.length <= MAX_TEXT, `not one of ${text.length} characters: an export has ${MAX_TEXT} at most`)

  let value: unknown

  try {
    value = JSON.parse(text)
  } catch {}

  check(isRecord(value), 'not text of something else than an object in JSON')

  return value
}

function readPeer (row: unknown, i: number): PeerRow {
  const [peer, online, addresses, ...others] = Array.isArray(row) ? row as unknown[] : []
  const isPeer = typeof peer === 'string' && peer.length <= MAX_NAME && readPeerId(peer)?.toString() === peer
  check(isPeer && isCounts(online) && Array.isArray(addresses) && addresses.length <= MAX_ADDRESSES && others.length === 0, `and peer ${i} of the text is none`)

  return [peer, online, addresses.filter(row => isShared(factsIn(row, i)))]
}

function factsIn (row: unknown, i: number): Facts {
  const [address, ...counts] = Array.isArray(row) ? row as unknown[] : []
  const facts = typeof address === 'string' ? factsOf(address) : undefined
  check(facts != null && isCounts(counts), `and an address of peer ${i} of the text is none`)

  return facts
}

function isCounts (row: unknown): row is CountsRow {
  return Array.isArray(row) && row.length === 3 && isCount(row[0], MAX_COUNT) && isCount(row[1], MAX_COUNT) && isCount(row[2], MAX_TIME)
}

function isCount (value: unknown, max: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= max
}

function check (condition: boolean, reason: string): asserts condition {
  if (!condition) {
    throw new InvalidParametersError(`merge() needs a text that export() has returned, ${reason}`)
  }
}
