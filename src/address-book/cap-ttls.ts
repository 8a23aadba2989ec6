import { SOURCE } from '../pipeline/sources.ts'
import { isConfigured } from '../pipeline/trust.ts'
import { expiryOf } from './entry.ts'
import { MAX_DISCONNECTED } from './limits.ts'
import { compare, strengthOf } from './add-report.ts'
import type { Entries } from './entries.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'

/**
 * Caps the TTLs when the last connection to a peer has closed. Configured and pinned addresses keep theirs, and the report `dialled` lasts one more
 * day. Of the other addresses, the 20 highest-ranked are kept, first the one that the last connection used.
 *
 * @param used the addresses of all connections so far
 * @param last the address of the last connection
 */
export function capTtls (entry: PeerEntry, used: readonly string[], last: string, { now, disconnectTtl, trust, ttlOf }: Entries): void {
  for (const pin of entry.pins) {
    pin.expires = pin.fromDisconnect == null ? pin.expires : now + pin.fromDisconnect
    pin.fromDisconnect = undefined
  }

  const isKept = ({ text, reports }: AddressEntry): boolean => entry.keptUntil(text, undefined) > now || reports.some(({ source }) => isConfigured(source, trust))
  const capped = entry.addresses.filter(address => !isKept(address))

  for (const { text, reports } of capped) {
    for (const one of reports) {
      const until = used.includes(text) ? Infinity : expiryOf(one, used)
      one.expires = Math.min(until, now + (one.source === SOURCE.dialled ? ttlOf(one.source) : disconnectTtl))
    }
  }

  capped
    .toSorted((a, b) => Number(b.text === last) - Number(a.text === last) || compare(strengthOf(b, trust), strengthOf(a, trust)))
    .slice(MAX_DISCONNECTED)
    .forEach(address => { entry.remove(address) })
}
