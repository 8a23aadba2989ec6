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

    const inOrder = caller.requested.multiaddrs
      .map(multiaddr => ({ multiaddr, place: crowdedOutAs(multiaddr, caller, story) }))
      .filter(({ place }) => place < Infinity)
      .toSorted((a, b) => a.place - b.place)

    return [caller, inOrder.slice(0, places).map(({ multiaddr }) => multiaddr)]
  }))
  const crowded = new Map([...left].filter(([, multiaddrs]) => multiaddrs.length > 0))
  // guarantees an end: each repeated dial must have fewer callers, or fewer of their addresses, than the one before
  const isNearer = crowded.size < count || [...crowded].some(([{ requested }, { length }]) => length < requested.multiaddrs.length)

  return isNearer ? crowded : new Map()
}

/** Returns the place of an address among those that a stage such as `take()` left out for its limit. Infinity: a candidate of it was attempted, or none left out */
function crowdedOutAs (multiaddr: Multiaddr, { requested: { peerId } }: Caller, story: Story): number {
  const ids = [...story.standingFor([candidate(multiaddr, peerId).id])]

  return ids.some(id => story.isAttempted(id)) ? Infinity : Math.min(...ids.map(id => story.addresses.get(id)?.dropped?.crowdedOutAs ?? Infinity))
}
