import { peerIdFromString } from '@libp2p/peer-id'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { RecordStore } from '../datastore/record-store.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { AddressEntry, PeerEntry } from './entry.ts'
import { PinEntry } from './pins/pin-entry.ts'
import { restorePeer } from './restore-peer.ts'
import { StoredReport } from './stored-report.ts'
import { SEQ_FLOOR_TTL } from './ttl.ts'
import type { Entries, KnownPeer } from './entries.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** The version of the format. Increase it with each change */
const VERSION = 1

/** Milliseconds that stored pins and `bootstrap` reports last after a start, until the application renews them. go-libp2p#800 proposes the same */
const RESTORE_GRACE = 10 * 60_000

/** Milliseconds from a change to the write, which includes all other changes of that time */
const DELAY = 1_000

/** The number of stored peers that are read even into a smaller book: the book may have been larger before */
const MAX_READ = 100_000

/**
 * Stores a book in a datastore with one record per peer: a change is a small write, and a damaged record affects one peer only
 *
 * @param self the peer id of the node as a string. Another node of the datastore may have stored a record of it, which is not read
 */
export function bookStore (entries: Entries, self: string, datastore: Datastore, clock: Clock, log: Logger): RecordStore {
  const store = new RecordStore({
    datastore,
    clock,
    log,
    title: 'addresses',
    prefix: '/dial-pipeline/addresses/',
    version: VERSION,
    delay: DELAY,
    maxRead: Math.max(MAX_READ, entries.max + entries.floors.max),
    // in base32: a datastore may use it as a file name, and some file systems ignore case
    suffixOf: id => peerIdFromString(id).toCID().toString(),
    records: {
      has: id => entries.peers.get(id) != null || entries.floors.get(id) != null,
      encode: id => {
        const known = entries.known(id)

        return known == null ? undefined : encode(id, known, clock.now())
      },
      restore: (_, written) => {
        const { id, ...known } = decode(written, clock.now())

        if (id !== self && !restorePeer(entries, id, known)) {
          store.changed(id)
        }

        return id
      }
    }
  })

  return store
}

/** Returns a peer as JSON values */
function encode (id: string, { entry, used, floor }: KnownPeer, now: number): Written {
  return [
    id,
    entry?.addresses.map(({ text, reports, invalidSince }) => invalidSince == null ? [text, reports.map(writtenReport)] : [text, reports.map(writtenReport), invalidSince]) ?? [],
    entry?.record == null ? null : [entry.record.seq.toString(), toString(entry.record.envelope, 'base64')],
    floor == null ? null : [floor.seq.toString(), floor.expires],
    entry?.pins.map(pin => writtenPin(pin, now)) ?? [],
    used ?? null
  ]
}

function writtenReport ({ source, from, reporter, seq, count, firstSeen, lastSeen, expires }: StoredReport): WrittenReport {
  const report: BareReport = [source, reporter ?? null, seq?.toString() ?? null, count, firstSeen, lastSeen, timeOf(expires)]

  return from == null ? report : [...report, from]
}

function writtenPin (pin: PinEntry, now: number): WrittenPin {
  const { owner, addresses, expires, fromDisconnect } = pin

  return [
    owner,
    addresses == null ? null : [...addresses],
    timeOf(fromDisconnect == null ? expires : now + fromDisconnect)
  ]
}

/** Returns the peer that `encode()` wrote */
function decode ([id, addresses, record, floor, pins, used]: Written, now: number): KnownPeer & { id: string } {
  const entry = new PeerEntry(id)

  entry.addresses = addresses.map(([text, reports, invalidSince]) => {
    const address = new AddressEntry(text)
    address.failure = invalidSince != null && Math.min(now, invalidSince)
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

type BareReport = [source: string, reporter: string | null, seq: string | null, count: number, firstSeen: number, lastSeen: number, expires: number | null]

type WrittenReport = BareReport | [...BareReport, from: readonly string[]]

type WrittenPin = [owner: string, addresses: string[] | null, expires: number | null]

/** A peer in JSON, which has neither bigints nor Infinity */
type Written = [
  id: string,
  addresses: Array<[text: string, reports: WrittenReport[], invalidSince?: number]>,
  record: [seq: string, envelope: string] | null,
  floor: [seq: string, until: number] | null,
  pins: WrittenPin[],
  used: readonly string[] | null
]

function timeOf (at: number): number | null {
  return at === Infinity ? null : Math.ceil(at)
}
