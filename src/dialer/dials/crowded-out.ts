import { candidate } from '../../pipeline/candidate.ts'
import type { Caller } from './caller.ts'
import type { Story } from '../../pipeline/runtime/story.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Returns the addresses of callers that a dial has left out because the addresses of others had their places: for each caller as many as a
 * dial of its own would have tried
 *
 * @param callers who still waits
 * @param count how many callers the dial has had
 * @param named what all of them have named: no dial of a caller's own leaves out what a source has found besides. Undefined: one has named
 *   the peer alone, and what was found was dialled for that one
 */
export function crowdedOut (callers: readonly Caller[], count: number, story: Story, named?: readonly Multiaddr[]): ReadonlyMap<Caller, Multiaddr[]> {
  if (count < 2) {
    return new Map()
  }

  const ofCallers = named == null ? undefined : story.standingFor(named.map(one => candidate(one, callers[0]?.requested.peerId).id))
  const attempted = [...story.addresses.keys()].filter(id => story.isAttempted(id) && ofCallers?.has(id) !== false)
  const left = new Map(callers.map(caller => {
    const ids = story.standingFor(caller.requested.ids)
    const places = attempted.filter(id => !ids.has(id)).length

    return [caller, caller.requested.multiaddrs.filter(one => isCrowdedOut(one, caller, story)).slice(0, places)]
  }))
  const crowded = new Map([...left].filter(([, multiaddrs]) => multiaddrs.length > 0))
  // or dial would follow dial: each has fewer callers than the one before, or fewer of their addresses
  const isNearer = crowded.size < count || [...crowded].some(([{ requested }, { length }]) => length < requested.multiaddrs.length)

  return isNearer ? crowded : new Map()
}

/** Nothing that stands for the address was attempted, and a part of it had no room */
function isCrowdedOut (multiaddr: Multiaddr, { requested: { peerId } }: Caller, story: Story): boolean {
  const ids = [...story.standingFor([candidate(multiaddr, peerId).id])]

  return !ids.some(id => story.isAttempted(id)) && ids.some(id => story.addresses.get(id)?.dropped?.isCrowdedOut === true)
}
