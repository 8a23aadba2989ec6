import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { MAX_NAME } from '../address/check-name.ts'
import { isOversized } from '../pipeline/candidate.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { AddressEntry, PeerEntry } from './entry.ts'
import { Evidence } from './evidence.ts'
import { Hold } from './pins/hold.ts'
import type { KnownPeer } from './known-peer.ts'

/** Of what is written. What is of another is skipped */
const VERSION = 2

/** Version and checksum */
const HEADER = 5

/** How long pins and the configuration of an earlier life count, in milliseconds, so that whoever still wants them says so: as long as go#800 proposes */
const RESTORE_GRACE = 10 * 60_000

/** What is known of a peer as bytes, to be kept under that key */
export function encode (key: string, id: string, { entry, used, floor }: KnownPeer, now: number): Uint8Array {
  const json = JSON.stringify([
    id,
    entry?.addresses.map(({ text, evidence }) => [text, evidence.map(({ source, reporter = null, seq, count, firstSeen, lastSeen, expires }) => {
      return [source, reporter, bigintOf(seq), count, firstSeen, lastSeen, timeOf(expires)]
    })]) ?? [],
    entry?.record == null ? null : [bigintOf(entry.record.seq), toString(entry.record.envelope, 'base64')],
    floor == null ? null : [bigintOf(floor.seq), floor.until],
    entry?.holds.map(({ owner, addresses, expires, fromDisconnect }) => [owner, addresses == null ? null : [...addresses], timeOf(fromDisconnect == null ? expires : now + fromDisconnect)]) ?? [],
    used ?? null
  ])
  const body = new TextEncoder().encode(json)
  const bytes = new Uint8Array(HEADER + body.byteLength)

  bytes[0] = VERSION
  new DataView(bytes.buffer).setUint32(1, checksum(key, body))
  bytes.set(body, HEADER)

  return bytes
}

/** @throws where the bytes are not what `encode` made for that key, whatever else they are */
export function decode (key: string, bytes: Uint8Array, now: number): KnownPeer & { id: string } {
  const body = bytes.subarray(HEADER)

  if (bytes.byteLength < HEADER || bytes[0] !== VERSION || new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) !== checksum(key, body)) {
    throw new Error('not a record of this version, or not a whole one')
  }

  // its types are what was written: that is what the checksum is for
  const [id, addresses, record, floor, holds, used] = JSON.parse(new TextDecoder().decode(body)) as Written
  const entry = new PeerEntry(id)

  // earlier versions kept texts of any length
  entry.addresses = addresses.filter(([text]) => !isOversized(text)).map(([text, evidence]) => {
    const address = new AddressEntry(text)
    address.evidence = evidence.filter(isShort).map(([source, reporter, seq, count, firstSeen, lastSeen, expires]) => {
      // where the clock went back, nothing counts longer than it would have
      const ahead = Math.max(0, lastSeen - now)
      const latest = source === SOURCE.bootstrap ? now + RESTORE_GRACE : Infinity

      return new Evidence({ source, reporter: reporter ?? undefined, seq: seq == null ? undefined : BigInt(seq), count, firstSeen: Math.min(now, firstSeen), lastSeen: lastSeen - ahead, expires: Math.min((expires ?? Infinity) - ahead, latest) })
    })

    return address
  })
  entry.record = record == null ? undefined : { seq: BigInt(record[0]), envelope: fromString(record[1], 'base64') }
  entry.holds = holds.filter(isHoldShort).map(([owner, addresses, expires]) => new Hold({ owner, addresses: addresses ?? undefined, expires: Math.min(expires ?? Infinity, now + RESTORE_GRACE), isOrphan: true }))

  return {
    id,
    entry: entry.isEmpty ? undefined : entry,
    used: used ?? undefined,
    floor: floor == null ? undefined : { seq: BigInt(floor[0]), until: floor[1] }
  }
}

type Written = [
  id: string,
  addresses: Array<[text: string, evidence: Array<[source: string, reporter: string | null, seq: string | null, count: number, firstSeen: number, lastSeen: number, expires: number | null]>]>,
  record: [seq: string, envelope: string] | null,
  floor: [seq: string, until: number] | null,
  holds: Array<[owner: string, addresses: string[] | null, expires: number | null]>,
  used: string[] | null
]

function isShort (names: readonly [string, string | null, ...unknown[]]): boolean {
  return names[0].length <= MAX_NAME && (names[1]?.length ?? 0) <= MAX_NAME
}

function isHoldShort ([owner, addresses]: Written[4][number]): boolean {
  return owner.length <= MAX_NAME && addresses?.some(isOversized) !== true
}

/** JSON has no Infinity */
function timeOf (at: number): number | null {
  return at === Infinity ? null : Math.ceil(at)
}

/** JSON has no bigint */
function bigintOf (value: bigint | undefined): string | null {
  return value?.toString() ?? null
}

/** FNV-1a, of the key as well: a record is of no use in the place of another */
function checksum (key: string, body: Uint8Array): number {
  let hash = 0x811c9dc5

  for (const bytes of [new TextEncoder().encode(key), body]) {
    for (let i = 0; i < bytes.length; i++) {
      hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193)
    }
  }

  return hash >>> 0
}
