import { keysOf } from '../keys.ts'
import { mapInTurns } from './in-turns.ts'
import { countsRow, factsOf, isShared, keyOf, MAX_ADDRESSES, MAX_TEXT } from './shared-text.ts'
import type { Outcomes } from '../averages.ts'
import type { Knowledge } from '../knowledge.ts'
import type { AddressRow, CountsRow, PeerRow } from './shared-text.ts'

/** Below this share of successes, a broken path of this node is more likely than so many peers being gone */
const MIN_SUCCESS = 0.05

/** The maximum number of characters of the text besides its rows */
const HEADER = 128

/** Returns the own observations that all members of a fleet can use: those of the peers dialled last, as many as a text holds */
export async function ownEvidence (knowledge: Knowledge, now: number): Promise<PeerRow[]> {
  const addresses = addressesByPeer(knowledge)
  let left = MAX_TEXT - HEADER

  const all = await mapInTurns([...knowledge.peers].toReversed(), ([peer]) => {
    const shared = left > 0 ? sharedPeer(knowledge, peer, addresses.get(peer) ?? [], now) : undefined
    left -= shared == null ? 0 : JSON.stringify(shared).length + 1

    return left > 0 ? shared : undefined
  })

  return all.filter(one => one != null)
}

/** Returns the addresses of each peer, without its peer id, in the order of their last dials */
function addressesByPeer ({ addresses }: Knowledge): Map<string, string[]> {
  const byPeer = new Map<string, string[]>()

  for (const [key] of addresses) {
    const end = key.lastIndexOf('/')
    const peer = key.slice(end + 1)
    const all = byPeer.get(peer) ?? []
    all.push(key.slice(0, end - '/p2p'.length))
    byPeer.set(peer, all)
  }

  return byPeer
}

/** Returns the observations of a peer. Undefined: no address of it is useful to others */
function sharedPeer (knowledge: Knowledge, peer: string, addresses: readonly string[], now: number): PeerRow | undefined {
  const { online } = knowledge.confirmed('peers', peer) ?? {}

  let isReachable = false

  const shared = addresses.slice(-MAX_ADDRESSES).flatMap((address): AddressRow[] => {
    const outcomes = knowledge.confirmed('addresses', keyOf(address, peer))?.outcomes
    const facts = factsOf(address)

    if (outcomes == null || facts == null || !isShared(facts)) {
      return []
    }

    const works = isProven(knowledge, keysOf({ id: address, facts }).pathClass)
    isReachable ||= works

    // without a success, an address on a broken path says nothing. Others stay: they show where the peer was looked for
    return !works && outcomes.successes === 0 ? [] : [[address, ...countsOf(outcomes, works, now)]]
  })

  return online == null || shared.length === 0 ? undefined : [peer, countsOf(online, isReachable, now), shared]
}

/** @param works whether the node can use the path at all, such as IPv6. Only then a failure is evidence against the address */
function countsOf ({ successes, failures, at }: Outcomes, works: boolean, now: number): CountsRow {
  return countsRow(successes, works ? failures : 0, Math.max(0, Math.round(now) - Math.round(at)))
}

/** Returns whether attempts of a path class, a transport and IP version, succeed at all for this node */
function isProven ({ classes }: Knowledge, pathClass: string): boolean {
  const outcomes = classes.get(pathClass)?.outcomes

  return outcomes != null && outcomes.successes > 0 && outcomes.successes >= MIN_SUCCESS * (outcomes.successes + outcomes.failures)
}
