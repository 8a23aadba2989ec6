import { InvalidParametersError } from '@libp2p/interface'
import { mapInTurns } from '../../datastore/turn-limits.ts'
import { keysOf } from '../keys.ts'
import { factsOf, isShared, keyOf, MAX_ADDRESSES, MAX_TEXT, PEERS_PER_TURN, readShared, roundedCount, writeShared } from './shared-text.ts'
import type { Outcomes } from '../statistics.ts'
import type { Knowledge } from '../knowledge.ts'
import type { Networks } from '../networks.ts'
import type { AddressRow, CountsRow, PeerRow } from './shared-text.ts'

/** Milliseconds by which the clocks of members may differ: observations from the future would stay new */
const MAX_SKEW = 600_000

/** The bytes of a member's name: enough for no two nodes to draw the same one */
const NAME_LENGTH = 16

/** The least share of successes of a path that works. Below, a broken path of this node is more likely than so many peers being gone */
const MIN_SUCCESS = 0.05

/** The maximum number of characters of the text besides its rows */
const HEADER = 128

/**
 * Returns the text for other members, after drawing a name if the node has none.
 *
 * @param now the time of the node's clock, by which the history is dated
 * @param date the current date: the clock may be behind it, because it stands still while the machine sleeps
 */
export async function exportHistory (networks: Networks, now: number, date: number): Promise<string> {
  const member = networks.member ?? Array.from(crypto.getRandomValues(new Uint8Array(NAME_LENGTH)), octet => octet.toString(16).padStart(2, '0')).join('')

  if (networks.member == null) {
    networks.member = member
    networks.onNamed?.()
  }

  return writeShared({ member, at: date, peers: await ownEvidence(networks.current, now) })
}

export async function mergeHistory (networks: Networks, now: number, date: number, text: string): Promise<number> {
  const shared = await readShared(text)

  if (shared.at > date + MAX_SKEW) {
    throw new InvalidParametersError(`merge() needs a text of the past, and this one is of ${new Date(shared.at).toJSON()}: set the clocks of the fleet`)
  }

  // a text of this node has no news: its observations are in the estimates already
  return shared.member === networks.member ? 0 : networks.fleet.merge(shared, now, date)
}

/** Returns the own observations that all members of a fleet can use: those of the peers dialled last, as many as a text holds */
async function ownEvidence (knowledge: Knowledge, now: number): Promise<PeerRow[]> {
  const addresses = addressesByPeer(knowledge)
  let left = MAX_TEXT - HEADER

  const all = await mapInTurns([...knowledge.peers].toReversed(), PEERS_PER_TURN, ([peer]) => {
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

/** @param works whether the node can use the path of the address at all, such as IPv6. Only then its failures are evidence against it */
function countsOf ({ successes, failures, at }: Outcomes, works: boolean, now: number): CountsRow {
  return [roundedCount(successes), works ? roundedCount(failures) : 0, Math.max(0, Math.round(now) - Math.round(at))]
}

function isProven ({ classes }: Knowledge, pathClass: string): boolean {
  const outcomes = classes.get(pathClass)?.outcomes

  return outcomes != null && outcomes.successes > 0 && outcomes.successes >= MIN_SUCCESS * (outcomes.successes + outcomes.failures)
}
