import { keysOf } from '../keys.ts'
import { mapInTurns } from './in-turns.ts'
import { factsOf, isShared } from './shared-address.ts'
import { keyOf, MAX_ADDRESSES, MAX_TEXT, ROW_OVERHEAD } from './shared-text.ts'
import type { Outcomes } from '../averages.ts'
import type { Knowledge } from '../knowledge.ts'
import type { SharedAddress, SharedCounts, SharedPeer } from './shared-text.ts'

/** Where less than this share of attempts connects, it is more likely that the path is broken here than that so many peers are gone */
const MIN_SUCCESS = 0.05

/** Characters of the text beside its rows, at most */
const HEADER = 128

/** Returns what this node has learnt by its own dials, and what all members of a fleet can use: the peers that it dialled last, as many as a text holds */
export async function ownEvidence (knowledge: Knowledge, now: number, isPrivate: boolean): Promise<SharedPeer[]> {
  const addresses = addressesByPeer(knowledge)
  let left = MAX_TEXT - HEADER

  const all = await mapInTurns([...knowledge.peers].toReversed(), ([peer]) => {
    const shared = left > 0 ? sharedPeer(knowledge, peer, addresses.get(peer) ?? [], now, isPrivate) : undefined
    left -= shared == null ? 0 : lengthOf(shared)

    return left > 0 ? shared : undefined
  })

  return all.filter(one => one != null)
}

/** The addresses of each peer, without its peer id. Those that were dialled last come last */
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

/** Undefined: it has no address that others can use */
function sharedPeer (knowledge: Knowledge, peer: string, addresses: readonly string[], now: number, isPrivate: boolean): SharedPeer | undefined {
  const { online } = knowledge.confirmed('peers', peer) ?? {}

  let isReachable = false

  const shared = addresses.slice(-MAX_ADDRESSES).flatMap((address): SharedAddress | [] => {
    const outcomes = knowledge.confirmed('addresses', keyOf(address, peer))?.outcomes
    const facts = factsOf(address)

    if (outcomes == null || facts == null || !isShared(facts, isPrivate)) {
      return []
    }

    const works = isProven(knowledge, keysOf({ id: address, facts }).pathClass)
    const { successes, failures, age } = countsOf(outcomes, works, now)
    isReachable ||= works

    // of a peer that was gone its addresses say nothing, and yet are where it was looked for
    return !works && successes === 0 ? [] : { address, facts, successes, failures, age }
  })

  return online == null || shared.length === 0 ? undefined : { peer, online: countsOf(online, isReachable, now), addresses: shared }
}

/** @param works whether a failure says something of the address, and not of the path to it */
function countsOf ({ successes, failures, at }: Outcomes, works: boolean, now: number): SharedCounts {
  return { successes, failures: works ? failures : 0, age: Math.max(0, Math.round(now) - Math.round(at)) }
}

/** Whether this node gets through at all by the transport, and in the IP version, of a path class */
function isProven ({ classes }: Knowledge, pathClass: string): boolean {
  const outcomes = classes.get(pathClass)?.outcomes

  return outcomes != null && outcomes.successes > 0 && outcomes.successes >= MIN_SUCCESS * (outcomes.successes + outcomes.failures)
}

/** Characters of the text, at most */
function lengthOf ({ peer, addresses }: SharedPeer): number {
  return addresses.reduce((sum, { address }) => sum + JSON.stringify(address).length + ROW_OVERHEAD, peer.length + ROW_OVERHEAD)
}
