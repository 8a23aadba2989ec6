import { multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from '../address/scope.ts'
import { Evidence } from './evidence.ts'
import { MAX_ADDRESSES, MAX_BY_DHT, MAX_BY_REPORTER, MAX_EVIDENCE } from './limits.ts'
import { isHearsay, rankOf, SOURCE } from './sources.ts'
import type { Scope } from '../address/scope-ranges.ts'
import type { AddressEntry, PeerEntry } from './entry.ts'

/** What is said of an address now */
export interface Said {
  readonly source: string
  readonly reporter?: string
  readonly seq?: bigint
  readonly now: number
  readonly expires: number
}

interface Strength {
  readonly rank: number
  readonly expires: number
}

const LIKELY = new Set<Scope>(['public', 'name', 'none'])

/** Below every source. Nobody has evidence of less */
const UNLIKELY = -1

/** Of addresses in a book. It is asked for only where there is no room, and then of the same ones again and again */
const unlikely = new WeakMap<AddressEntry, boolean>()

/**
 * Adds evidence to an address of a peer. What there is already is refreshed; where there is no room, the weakest makes
 * place if it is weaker: of a lower source, or of the same and with less time left. What strangers say of this machine or
 * its network, or what no peer can have, is the weakest of all: it is no reason not to keep what may be right. What is
 * pinned or in use stays.
 */
export function attest (entry: PeerEntry, text: string, said: Said, used: readonly string[] | undefined): 'added' | 'refreshed' | 'refused' {
  const { source, reporter, seq, now, expires } = said
  const known = entry.find(text)
  const same = known?.evidence.find(evidence => evidence.source === source && evidence.reporter === reporter)

  if (same != null) {
    same.refresh(now, expires, seq)

    return 'refreshed'
  }

  if (!makeRoom(entry, text, said, used)) {
    return 'refused'
  }

  const address = entry.find(text) ?? entry.add(text)
  const evidence = new Evidence({ source, reporter, seq, firstSeen: now, lastSeen: now, expires })
  address.evidence = address.evidence.concat([evidence])
  entry.earliest = Math.min(entry.earliest, evidence.expires)

  return 'added'
}

/** Whether there is room, now or from now on */
function makeRoom (entry: PeerEntry, text: string, said: Said, used: readonly string[] | undefined): boolean {
  const known = entry.find(text)
  const next: Strength = {
    rank: isHearsay(said.source) && (known == null ? isUnlikely(text) : isKnownUnlikely(known)) ? UNLIKELY : rankOf(said.source),
    expires: said.expires
  }
  const leaving = new Set<Evidence>()

  /** Of evidence of a kind, at most `max` addresses have some */
  const fits = (max: number, isOfKind: (evidence: Evidence) => boolean): boolean => {
    const having = entry.addresses.filter(({ evidence }) => evidence.some(isOfKind))

    if (having.length < max || (known != null && having.includes(known))) {
      return true
    }

    const weakest = weakestOf(having.filter(({ text }) => entry.heldUntil(text, used) <= said.now), address => strengthOf(address, address.evidence.filter(isOfKind)), next)
    weakest?.evidence.filter(isOfKind).forEach(evidence => leaving.add(evidence))

    return weakest != null
  }

  if (said.reporter != null && said.reporter !== entry.id && entry.addresses.length >= MAX_BY_REPORTER && !fits(MAX_BY_REPORTER, ({ reporter }) => reporter === said.reporter)) {
    return false
  }

  if (said.source === SOURCE.dht && entry.addresses.length >= MAX_BY_DHT && !fits(MAX_BY_DHT, ({ source }) => source === SOURCE.dht)) {
    return false
  }

  if (known != null && known.evidence.length >= MAX_EVIDENCE) {
    const weakest = weakestOf(known.evidence, evidence => strengthOf(known, [evidence]), next)

    if (weakest == null) {
      return false
    }

    leaving.add(weakest)
  }

  if (leaving.size > 0) {
    entry.withdraw(evidence => leaving.has(evidence), said.now, used)
  }

  if (known != null || entry.addresses.length < MAX_ADDRESSES) {
    return true
  }

  const weakest = weakestOf(entry.addresses.filter(({ text }) => entry.heldUntil(text, used) <= said.now), address => strengthOf(address), next)

  if (weakest != null) {
    entry.remove(weakest)
  }

  return weakest != null
}

/** The weakest of all that are weaker than what comes */
function weakestOf<T> (items: readonly T[], strength: (item: T) => Strength, next: Strength): T | undefined {
  let weakest: T | undefined
  let least = next

  for (const item of items) {
    const own = strength(item)

    if (compare(own, least) < 0) {
      weakest = item
      least = own
    }
  }

  return weakest
}

/** That of the strongest evidence of an address */
export function strengthOf (address: AddressEntry, evidence: readonly Evidence[] = address.evidence): Strength {
  let most: Strength = { rank: UNLIKELY, expires: 0 }

  for (const { source, expires } of evidence) {
    const own = { rank: isHearsay(source) && isKnownUnlikely(address) ? UNLIKELY : rankOf(source), expires }

    if (compare(most, own) < 0) {
      most = own
    }
  }

  return most
}

function isKnownUnlikely (address: AddressEntry): boolean {
  const known = unlikely.get(address) ?? isUnlikely(address.text)
  unlikely.set(address, known)

  return known
}

/** Whether an address is of this machine or its network, or one that no peer can have */
function isUnlikely (text: string): boolean {
  try {
    return !LIKELY.has(scopeOf(multiaddr(text)))
  } catch {
    // what was read from a datastore may be no address at all
    return true
  }
}

/** Less than 0: the first is weaker */
export function compare (one: Strength, other: Strength): number {
  return one.rank - other.rank || (one.expires === other.expires ? 0 : one.expires - other.expires)
}
