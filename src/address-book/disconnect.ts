import { untilOf } from './entry.ts'
import { MAX_DISCONNECTED } from './limits.ts'
import { compare, strengthOf } from './room.ts'
import { isUserGiven } from './sources.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'

/**
 * The last connection to a peer has ended: what is neither pinned nor user-given has little time left, and what the
 * connections used comes first.
 *
 * @param used the addresses of the connections until now
 */
export function fall (entry: PeerEntry, used: readonly string[], last: string, now: number, ttl: number): void {
  for (const hold of entry.holds) {
    hold.expires = hold.fromDisconnect == null ? hold.expires : now + hold.fromDisconnect
    hold.fromDisconnect = undefined
  }

  const falling = entry.addresses.filter(address => !isKept(entry, address, now))

  for (const address of falling) {
    for (const evidence of address.evidence) {
      const until = used.includes(address.text) ? Infinity : untilOf(evidence, used)
      evidence.expires = Math.min(until, now + ttl)
    }
  }

  falling
    .toSorted((a, b) => Number(b.text === last) - Number(a.text === last) || compare(strengthOf(b), strengthOf(a)))
    .slice(MAX_DISCONNECTED)
    .forEach(address => { entry.remove(address) })

  entry.prune(now, undefined, true)
}

function isKept (entry: PeerEntry, { text, evidence }: AddressEntry, now: number): boolean {
  return entry.heldUntil(text, undefined) > now || evidence.some(({ source }) => isUserGiven(source))
}
