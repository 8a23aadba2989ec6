import type { Clock } from '../pipeline/clock.ts'

/** Milliseconds that an attempt may be silent while others wait for its place, doubled each time: most round trips are shorter */
const TIME = 250

/** How often an address begins anew behind others. After that it has the time of any attempt */
const MAX_LEFT = 3

export interface PlaceWatchInit {
  /** How often the address has left its place before */
  readonly left: number
  readonly clock: Clock
  /** Whether nothing was heard of the remote */
  readonly isSilent: () => boolean
  /** Whether others wait for the place */
  readonly isWanted: () => boolean
}

/**
 * Has an attempt that is silent leave its place to others who wait for it: hosts that are off would hold up those that are on. Looks
 * again until the remote was heard of
 *
 * @param leave called once
 * @returns a function that ends the watch
 */
export function watchPlace (init: PlaceWatchInit, leave: () => void): () => void {
  const { left, clock, isSilent, isWanted } = init
  let cancel = (): void => {}

  function watch (): void {
    cancel = clock.setTimeout(() => {
      if (isSilent() && isWanted()) {
        leave()
      } else if (isSilent()) {
        watch()
      }
    }, TIME * 2 ** left)
  }

  if (left < MAX_LEFT) {
    watch()
  }

  return () => { cancel() }
}
