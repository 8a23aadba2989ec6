import { WRONG_PEER_TIME } from '../pipeline/dial-components.ts'
import { safeText } from '../pipeline/safe-text.ts'
import { expiryOf, PeerEntry } from './entry.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry } from './entry.ts'
import type { StoredReport } from './stored-report.ts'
import type { PinEntry } from './pins/pin-entry.ts'

/** The maximum number of characters of a line: more than an address of 1,024 bytes takes as text */
const MAX_LINE = 8_192

/** Returns the addresses and reports of a peer with their expiry, as text */
export function explain (id: string, entries: Entries): string {
  const known = entries.current(id)
  const floor = entries.floors.get(id)

  if (known == null && floor == null) {
    return `${id}: nothing is known`
  }

  const entry = known ?? new PeerEntry(id)
  const used = entries.used(entry.id)
  const { addresses, record } = entry
  const facts = [
    `${id}: ${addresses.length} ${addresses.length === 1 ? 'address' : 'addresses'}`,
    used == null ? 'not connected' : 'connected',
    record == null ? undefined : `signed record of seq ${record.seq}`,
    floor == null ? undefined : `no record of a seq below ${floor.seq} until ${time(floor.expires)}`
  ]

  return [facts.filter(fact => fact != null).join(', '), ...addresses.flatMap(address => linesOf(address, entry, used))].map(line => safeText(line, MAX_LINE)).join('\n')
}

function linesOf ({ text, reports, invalidSince }: AddressEntry, { pins }: PeerEntry, used: readonly string[] | undefined): string[] {
  return [
    text,
    ...invalidSince == null ? [] : [`  another peer answered at ${time(invalidSince)}: earlier reports are suspended until ${time(invalidSince + WRONG_PEER_TIME)}`],
    ...used?.includes(text) === true ? ['  in use by a connection'] : [],
    ...pins.filter(pin => pin.covers(text)).map(pinOf),
    ...reports.map(one => reportLineOf(one, used))
  ]
}

function pinOf ({ owner, expires, fromDisconnect, isOrphan }: PinEntry): string {
  const until = fromDisconnect == null ? time(expires) : `${fromDisconnect / 1_000} s after the last connection`

  return `  pinned by ${owner} until ${until}${isOrphan ? ', before the last start' : ''}`
}

function reportLineOf (report: StoredReport, used: readonly string[] | undefined): string {
  const { source, reporter, seq, count, firstSeen, lastSeen } = report
  const who = `${source}${reporter == null ? '' : ` by ${reporter}`}${seq == null ? '' : `, seq ${seq}`}`
  const when = count === 1 ? `at ${time(firstSeen)}` : `${count} times from ${time(firstSeen)} to ${time(lastSeen)}`
  const until = expiryOf(report, used)

  return `  ${who}, ${when}, counts ${until > report.expires ? 'while connected' : `until ${time(until)}`}`
}

function time (at: number): string {
  const date = new Date(at)

  // a pin may last longer than a Date can represent
  return Number.isNaN(date.getTime()) ? 'it is taken back' : date.toISOString().replace('.000Z', 'Z')
}
