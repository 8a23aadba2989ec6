import { Evidence } from './evidence.ts'
import { MAX_ADDRESSES, MAX_BY_DHT, MAX_BY_REPORTER, MAX_EVIDENCE } from './limits.ts'
import { rankOf, SOURCE } from './sources.ts'
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

/**
 * Adds evidence to an address of a peer. What there is already is refreshed; where there is no room, the weakest makes
 * place if it is weaker: of a lower source, or of the same and with less time left. What is pinned or in use stays.
 */
export function attest (entry: PeerEntry, text: string, said: Said, used: readonly string[] | undefined): 'added' | 'refreshed' | 'refused' {
  const { source, reporter, seq, now, expires } = said
  const known = entry.find(text)
  const same = known?.evidence.find(evidence => evidence.source === source && evidence.reporter === reporter)

  if (same != null) {
    same.refresh(now, expires, seq)

    return 'refreshed'
  }

  if (!makeRoom(entry, known, said, used)) {
    return 'refused'
  }

  const address = entry.find(text) ?? entry.add(text)
  const evidence = new Evidence({ source, reporter, seq, firstSeen: now, lastSeen: now, expires })
  address.evidence = address.evidence.concat([evidence])
  entry.earliest = Math.min(entry.earliest, evidence.expires)

  return 'added'
}

/** Whether there is room, now or from now on */
function makeRoom (entry: PeerEntry, known: AddressEntry | undefined, said: Said, used: readonly string[] | undefined): boolean {
  const next = { rank: rankOf(said.source), expires: said.expires }
  const leaving = new Set<Evidence>()

  /** Of evidence of a kind, at most `max` addresses have some */
  const fits = (max: number, isOfKind: (evidence: Evidence) => boolean): boolean => {
    const having = entry.addresses.filter(({ evidence }) => evidence.some(isOfKind))

    if (having.length < max || (known != null && having.includes(known))) {
      return true
    }

    const weakest = weakestOf(having.filter(({ text }) => entry.heldUntil(text, used) <= said.now), ({ evidence }) => strengthOf(evidence.filter(isOfKind)), next)
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
    const weakest = weakestOf(known.evidence, evidence => strengthOf([evidence]), next)

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

  const weakest = weakestOf(entry.addresses.filter(({ text }) => entry.heldUntil(text, used) <= said.now), ({ evidence }) => strengthOf(evidence), next)

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

/** That of the strongest source */
export function strengthOf (evidence: readonly Evidence[]): Strength {
  let most: Strength = { rank: -1, expires: 0 }

  for (const { source, expires } of evidence) {
    const own = { rank: rankOf(source), expires }

    if (compare(most, own) < 0) {
      most = own
    }
  }

  return most
}

/** Less than 0: the first is weaker */
export function compare (one: Strength, other: Strength): number {
  return one.rank - other.rank || (one.expires === other.expires ? 0 : one.expires - other.expires)
}
