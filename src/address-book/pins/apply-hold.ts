import { LEVEL } from '../levels.ts'
import { MAX_ADDRESSES } from '../limits.ts'
import type { Entries } from '../entries.ts'
import type { Hold } from './hold.ts'

/** Keeps addresses of a peer from expiring. False: there is no room for that */
export function addHold (entries: Entries, id: string, hold: Hold): boolean {
  const known = entries.current(id)
  const missing = [...hold.addresses ?? []].filter(text => known?.find(text) == null)
  const isPinned = (known?.holds.length ?? 0) > 0
  const hasRoom = (isPinned || entries.peers.hasRoomForPin) && (known?.addresses.length ?? 0) + missing.length <= MAX_ADDRESSES
  const entry = hasRoom ? entries.open(id, LEVEL.kept) : undefined

  if (entry == null) {
    return false
  }

  // one of an earlier life of the node is in the hands of its owner again
  entry.holds = [...entry.holds.filter(({ isOrphan, owner }) => !isOrphan || owner !== hold.owner), hold]
  missing.forEach(text => { entry.add(text) })
  entries.settle(entry, missing.length > 0)

  return true
}

/** The time of a hold is another now, or it is over */
export function updateHold (entries: Entries, id: string, hold: Hold, isOver: boolean): void {
  const entry = entries.peers.get(id)

  if (entry == null) {
    return
  }

  if (isOver) {
    entry.release(hold)
  }

  entries.settle(entry)
}
