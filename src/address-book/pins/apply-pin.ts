import { LEVEL } from '../levels.ts'
import { MAX_ADDRESSES } from '../limits.ts'
import type { Entries } from '../entries.ts'
import type { PinEntry } from './pin-entry.ts'

/** Adds a pin to the entry of a peer. Returns false if there is no room for it */
export function addPin (entries: Entries, id: string, pin: PinEntry): boolean {
  const known = entries.current(id)
  const missing = [...pin.addresses ?? []].filter(text => known?.find(text) == null)
  const isPinned = (known?.pins.length ?? 0) > 0
  const hasRoom = (isPinned || entries.peers.hasRoomForPin) && (known?.addresses.length ?? 0) + missing.length <= MAX_ADDRESSES
  const entry = hasRoom ? entries.open(id, LEVEL.inUse) : undefined

  if (entry == null) {
    return false
  }

  // the new pin replaces those that its owner made before the last start
  entry.pins = [...entry.pins.filter(({ isOrphan, owner }) => !isOrphan || owner !== pin.owner), pin]
  missing.forEach(text => { entry.add(text) })
  entries.settle(entry, missing.length > 0)

  return true
}

/** Updates the entry of a peer after the expiry of a pin has changed, or the pin has ended */
export function updatePin (entries: Entries, id: string, pin: PinEntry, isOver: boolean): void {
  const entry = entries.peers.get(id)

  if (entry == null) {
    return
  }

  if (isOver) {
    entry.release(pin)
  }

  entries.settle(entry)
}
