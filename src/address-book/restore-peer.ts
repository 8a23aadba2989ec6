import { capTtls } from './cap-ttls.ts'
import type { Entries, KnownPeer } from './entries.ts'

/** Adds a stored peer to a book. Returns false if it has to be written again: there is no room, nothing of it is left, or it was forgotten meanwhile */
export function restorePeer (entries: Entries, id: string, { entry: read, used, floor }: KnownPeer): boolean {
  const { floors, peers } = entries

  if (floor != null) {
    floors.restore(id, floor)
  }

  const known = peers.get(id)
  const minSeq = entries.minSeq(id, read?.record) ?? 0n
  // the known record stays if both have the same number, as in keepNewest()
  read?.dropRecord(known?.record?.seq === minSeq ? minSeq + 1n : minSeq)

  if (known?.dropRecord(minSeq) === true) {
    entries.settle(known, true)
  }

  if (read == null) {
    return floors.get(id) != null
  }

  const isForgotten = entries.forgotten.dropFrom(read)

  // the stored connections ended with the former process
  if (used != null && entries.used(id) == null) {
    capTtls(read, used, used.at(-1) ?? '', entries)
  }

  read.recheck()
  entries.prune(read)
  const current = peers.get(id)

  if (current != null) {
    current.absorb(read)
    current.recheck()
    entries.prune(current)
  } else if (read.isEmpty || !peers.add(read, entries.levelOf(read))) {
    return false
  }

  entries.announce(current ?? read, true)

  return !isForgotten
}
