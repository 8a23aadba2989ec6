import { candidate } from '../../pipeline/candidate.ts'
import type { Caller } from './caller.ts'
import type { Story } from '../../pipeline/runtime/story.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Returns the addresses of callers that a dial did not try because the addresses of other callers took their room. Each caller gets
 * as many as a dial of its own would have tried
 *
 * @param callers the callers that still wait
 * @param count number of callers so far, including those that have left, and the callers of another dial that has shared its addresses as one
 * @param named the addresses that all callers named. Addresses that a source found free no room, because a caller's own dial would have them
 *   too. Undefined when a caller named only the peer: the found addresses were dialled for that one
 */
export function findCrowdedOut (callers: readonly Caller[], count: number, story: Story, named?: readonly Multiaddr[]): ReadonlyMap<Caller, Multiaddr[]> {
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
  // guarantees an end: each repeated dial must have fewer callers, or fewer of their addresses, than the one before
  const isNearer = crowded.size < count || [...crowded].some(([{ requested }, { length }]) => length < requested.multiaddrs.length)

  return isNearer ? crowded : new Map()
}

/** Returns whether no candidate of the address was attempted, and a stage such as `take()` left at least one out for its limit */
function isCrowdedOut (multiaddr: Multiaddr, { requested: { peerId } }: Caller, story: Story): boolean {
  const ids = [...story.standingFor([candidate(multiaddr, peerId).id])]

  return !ids.some(id => story.isAttempted(id)) && ids.some(id => story.addresses.get(id)?.dropped?.isCrowdedOut === true)
}
