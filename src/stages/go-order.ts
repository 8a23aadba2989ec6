import { order } from '../pipeline/rank.ts'
import { goTraits } from './go-groups.ts'
import type { GoGroup, GoTraits } from './go-groups.ts'
import type { Candidate, StageInit } from '../pipeline/types.ts'

/** A candidate and what go's ranker makes of it */
export interface GoRanked {
  candidate: Candidate
  traits: GoTraits
}

/**
 * The order of go-libp2p's default ranker: private, public, relayed and other addresses, each group from QUIC over
 * WebTransport and TCP to the rest, IPv6 before IPv4, low ports first; the second of QUIC and of TCP is of the other IP
 * version. When each starts is for `goDelays` to say.
 */
export function goOrder (): StageInit<'candidates', 'candidates', 'go-order'> {
  return order('go-order', candidates => goRank(candidates).map(({ candidate }) => candidate))
}

export function goRank (candidates: readonly Candidate[]): GoRanked[] {
  const ranked = candidates.map(candidate => ({ candidate, traits: traitsOf(candidate) }))
  const of = (group: GoGroup): GoRanked[] => ranked.filter(({ traits }) => traits.group === group)

  return [...rankGroup(of('private')), ...rankGroup(of('public')), ...rankGroup(of('relay')), ...of('rest')]
}

// an address is looked at whenever something is learnt
const known = new WeakMap<Candidate, GoTraits>()

function traitsOf (candidate: Candidate): GoTraits {
  const traits = known.get(candidate) ?? goTraits(candidate.multiaddr)
  known.set(candidate, traits)

  return traits
}

function rankGroup (group: GoRanked[]): GoRanked[] {
  const sorted = group.toSorted((a, b) => a.traits.score - b.traits.score)
  const afterQuic = pairFamilies(sorted, 0, 'quic') ? 2 : 0
  const tcp = sorted.findIndex(({ traits }, i) => i >= afterQuic && traits.transport === 'tcp')

  if (tcp !== -1) {
    pairFamilies(sorted, tcp, 'tcp')
  }

  return sorted
}

/** Where the one at `first` is an IPv6 address of the transport, its best IPv4 address follows it. Answers whether one did */
function pairFamilies (sorted: GoRanked[], first: number, transport: GoTraits['transport']): boolean {
  const at = sorted[first]?.traits

  if (at?.transport !== transport || !at.isIp6) {
    return false
  }

  const second = sorted.findIndex(({ traits }, i) => i > first && traits.transport === transport && traits.isIp4)

  if (second === -1) {
    return false
  }

  sorted.splice(first + 1, 0, ...sorted.splice(second, 1))

  return true
}
