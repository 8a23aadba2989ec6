import { multiaddr } from '@multiformats/multiaddr'
import { Facts } from '../../address/facts.ts'
import { isOversized } from '../../pipeline/candidate.ts'
import { keysOf } from '../keys.ts'
import { isShared } from './shared-scopes.ts'
import { MAX_ADDRESSES, MAX_TEXT, ROW_OVERHEAD } from './shared-text.ts'
import type { Outcomes } from '../averages.ts'
import type { Knowledge } from '../knowledge.ts'
import type { AddressRecord, PeerRecord } from '../records.ts'
import type { SharedAddress, SharedCounts, SharedPeer } from './shared-text.ts'

/** Where less than this share of attempts connects, it is more likely that the path is broken here than that so many peers are gone */
const MIN_SUCCESS = 0.05

/** Characters of the text beside its rows, at most */
const HEADER = 128

/** Returns what this node has learnt by its own dials, and what all members of a fleet can use: the peers that it dialled last, as many as a text holds */
export function ownEvidence (knowledge: Knowledge, now: number, isPrivate: boolean): SharedPeer[] {
  const addresses = addressesByPeer(knowledge)
  let left = MAX_TEXT - HEADER

  return [...knowledge.peers].toReversed().flatMap(([peer]) => {
    const record = knowledge.confirmed('peers', peer)
    const shared = record == null || left < 0 ? [] : (addresses.get(peer) ?? []).slice(-MAX_ADDRESSES).flatMap(key => sharedAddress(knowledge, key, now, isPrivate) ?? [])
    const length = [peer, ...shared.map(({ key }) => key)].reduce((sum, text) => sum + JSON.stringify(text).length + ROW_OVERHEAD, 0)
    left -= shared.length === 0 ? 0 : length

    return record == null || shared.length === 0 || left < 0 ? [] : { peer, online: onlineCounts(knowledge, record, now), addresses: shared }
  })
}

function addressesByPeer ({ addresses }: Knowledge): Map<string, string[]> {
  const byPeer = new Map<string, string[]>()

  for (const [key] of addresses) {
    const peer = key.slice(key.lastIndexOf('/') + 1)
    const keys = byPeer.get(peer) ?? []
    keys.push(key)
    byPeer.set(peer, keys)
  }

  return byPeer
}

/** Undefined: nothing that others can use */
function sharedAddress (knowledge: Knowledge, key: string, now: number, isPrivate: boolean): SharedAddress | undefined {
  const record: AddressRecord | undefined = knowledge.confirmed('addresses', key)
  const facts = new Facts(multiaddr(key))

  if (record == null || isOversized(key) || !isShared(facts, isPrivate)) {
    return
  }

  const shared = counts(record.outcomes, isProven(knowledge, keysOf({ id: key, facts }).pathClass), now)

  return shared.successes + shared.failures === 0 ? undefined : { key, facts, ...shared }
}

function onlineCounts (knowledge: Knowledge, { online, classes }: PeerRecord, now: number): SharedCounts {
  return counts(online, classes.some(({ pathClass }) => isProven(knowledge, pathClass)), now)
}

/** @param works whether a failure says something of the address, and not of the path to it */
function counts ({ successes, failures, at }: Outcomes, works: boolean, now: number): SharedCounts {
  return { successes, failures: works ? failures : 0, age: Math.max(0, Math.round(now) - Math.round(at)) }
}

/** Whether this node gets through at all by the transport, and in the IP version, of a path class */
function isProven ({ classes }: Knowledge, pathClass: string): boolean {
  const { successes = 0, failures = 0 } = classes.get(pathClass)?.outcomes ?? {}

  return successes > 0 && successes >= MIN_SUCCESS * (successes + failures)
}
