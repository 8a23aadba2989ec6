import { LEVEL } from '../levels.ts'
import { MAX_ADDRESSES } from '../limits.ts'
import type { Entries } from '../entries.ts'
import type { Hold } from './hold.ts'

/** Adds a pin to the entry of a peer. Returns false if there is no room for it */
export function addHold (entries: Entries, id: string, hold: Hold): boolean {
  const known = entries.current(id)
  const missing = [...hold.addresses ?? []].filter(text => known?.find(text) == null)
  const isPinned = (known?.holds.length ?? 0) > 0
  const hasRoom = (isPinned || entries.peers.hasRoomForPin) && (known?.addresses.length ?? 0) + missing.length <= MAX_ADDRESSES
  const entry = hasRoom ? entries.open(id, LEVEL.kept) : undefined

  if (entry == null) {
    return false
  }

  // the new pin replaces those that its owner made before the last start
  entry.holds = [...entry.holds.filter(({ isOrphan, owner }) => !isOrphan || owner !== hold.owner), hold]
  missing.forEach(text => { entry.add(text) })
  entries.settle(entry, missing.length > 0)

  return true
}

/** Updates the entry of a peer after the expiry of a pin has changed, or the pin has ended */
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
