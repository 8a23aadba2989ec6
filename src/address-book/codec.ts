import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { SOURCE } from '../pipeline/sources.ts'
import { AddressEntry, PeerEntry } from './entry.ts'
import { StoredReport } from './stored-report.ts'
import { PinEntry } from './pins/pin-entry.ts'
import { SEQ_FLOOR_TTL } from './ttl.ts'
import type { SeqFloor } from './seq-floors.ts'

/** The version of the format. Increase it with each change */
export const VERSION = 1

/** Milliseconds that stored pins and configured reports last after a start, until the application renews them. go-libp2p#800 proposes the same */
const RESTORE_GRACE = 10 * 60_000

/** A peer in the form that is written to the datastore */
export interface KnownPeer {
  readonly entry?: PeerEntry
  /** The addresses of its open connections. Undefined: it was not connected */
  readonly used?: readonly string[]
  readonly floor?: SeqFloor
}

/** Returns a peer as JSON values */
export function encode (id: string, { entry, used, floor }: KnownPeer, now: number): Written {
  return [
    id,
    entry?.addresses.map(({ text, reports }) => [text, reports.map(({ source, from, reporter = null, seq, count, firstSeen, lastSeen, expires }) => {
      const report: WrittenReport = [source, reporter, seq?.toString() ?? null, count, firstSeen, lastSeen, timeOf(expires)]

      return from == null ? report : [...report, from]
    })]) ?? [],
    entry?.record == null ? null : [entry.record.seq.toString(), toString(entry.record.envelope, 'base64')],
    floor == null ? null : [floor.seq.toString(), floor.expires],
    entry?.pins.map(pin => writtenPin(pin, now)) ?? [],
    used ?? null
  ]
}

function writtenPin (pin: PinEntry, now: number): WrittenPin {
  const { owner, addresses, expires, fromDisconnect } = pin

  return [
    owner,
    addresses == null ? null : [...addresses].filter(address => pin.covers(address, now)),
    timeOf(fromDisconnect == null ? expires : now + fromDisconnect)
  ]
}

/** Returns the peer that `encode()` wrote */
export function decode ([id, addresses, record, floor, pins, used]: Written, now: number): KnownPeer & { id: string } {
  const entry = new PeerEntry(id)

  entry.addresses = addresses.map(([text, reports]) => {
    const address = new AddressEntry(text)
    address.reports = reports.map(([source, reporter, seq, count, firstSeen, lastSeen, expires, from]) => {
      // if the clock went back, the report expires no later than it would have
      const ahead = Math.max(0, lastSeen - now)
      const latest = source === SOURCE.bootstrap ? now + RESTORE_GRACE : Infinity

      return new StoredReport({ source, from, reporter: reporter ?? undefined, seq: seq == null ? undefined : BigInt(seq), count, firstSeen: Math.min(now, firstSeen), lastSeen: lastSeen - ahead, expires: Math.min((expires ?? Infinity) - ahead, latest) })
    })

    return address
  })
  entry.record = record == null ? undefined : { seq: BigInt(record[0]), envelope: fromString(record[1], 'base64') }
  entry.pins = pins.map(([owner, addresses, expires]) => new PinEntry({ owner, addresses: addresses == null ? undefined : new Set(addresses), expires: Math.min(expires ?? Infinity, now + RESTORE_GRACE) }))

  return {
    id,
    entry: entry.isEmpty ? undefined : entry,
    used: used ?? undefined,
    floor: floor == null ? undefined : { seq: BigInt(floor[0]), expires: Math.min(floor[1], now + SEQ_FLOOR_TTL) }
  }
}

type WrittenReport = [source: string, reporter: string | null, seq: string | null, count: number, firstSeen: number, lastSeen: number, expires: number | null]

type WrittenPin = [owner: string, addresses: string[] | null, expires: number | null]

/** A peer in JSON, which has neither bigints nor Infinity */
export type Written = [
  id: string,
  addresses: Array<[text: string, reports: Array<WrittenReport | [...WrittenReport, from: readonly string[]]>]>,
  record: [seq: string, envelope: string] | null,
  floor: [seq: string, until: number] | null,
  pins: WrittenPin[],
  used: readonly string[] | null
]

function timeOf (at: number): number | null {
  return at === Infinity ? null : Math.ceil(at)
}
