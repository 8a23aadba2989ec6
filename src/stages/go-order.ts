import { listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { goTraits } from './go-groups.ts'
import type { GoGroup, GoTraits } from './go-groups.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

/** A candidate and what go's ranker makes of it */
export interface GoRanked {
  candidate: Candidate
  traits: GoTraits
}

/** A group in its order, and what its times depend on */
export interface GoSorted {
  readonly sorted: readonly GoRanked[]
  /** The second of QUIC is of the other IP version than the first */
  readonly isQuicPaired: boolean
  /** Where TCP begins; the length where there is none */
  readonly tcpStart: number
  readonly isTcpPaired: boolean
}

export interface GoRanking extends Readonly<Record<Exclude<GoGroup, 'rest'>, GoSorted>> {
  /** Not sorted */
  readonly rest: readonly GoRanked[]
}

/**
 * The order of go-libp2p's default ranker: private, public, relayed and other addresses, each group from QUIC over
 * WebTransport and TCP to the rest, IPv6 before IPv4, low ports first; the second of QUIC and of TCP is of the other IP
 * version. When each starts is for `goDelays` to say.
 */
export function goOrder (): Stage<'candidates', 'candidates', 'go-order'> {
  checkArguments('goOrder()', arguments)

  return listStage('go-order', () => ({ candidates }) => {
    const ranking = goRank(candidates)

    return [...ranking.private.sorted, ...ranking.public.sorted, ...ranking.relay.sorted, ...ranking.rest].map(({ candidate }) => candidate)
  }, { role: 'rank', isPure: true })
}

export function goRank (candidates: readonly Candidate[]): GoRanking {
  const ranked = candidates.map(candidate => ({ candidate, traits: traitsOf(candidate) }))
  const of = (group: GoGroup): GoRanked[] => ranked.filter(({ traits }) => traits.group === group)

  return { private: sort(of('private')), public: sort(of('public')), relay: sort(of('relay')), rest: of('rest') }
}

// an address is looked at whenever something is learnt
const known = new WeakMap<Candidate, GoTraits>()

function traitsOf (candidate: Candidate): GoTraits {
  const traits = known.get(candidate) ?? goTraits(candidate.multiaddr)
  known.set(candidate, traits)

  return traits
}

function sort (group: GoRanked[]): GoSorted {
  const sorted = group.toSorted((a, b) => a.traits.score - b.traits.score)
  const second = pairFamilies(sorted, 0, 'quic')
  const tcp = sorted.findIndex(({ traits }, i) => i > second && traits.transport === 'tcp')
  const tcpStart = tcp === -1 ? sorted.length : tcp

  return { sorted, isQuicPaired: second !== -1, tcpStart, isTcpPaired: pairFamilies(sorted, tcpStart, 'tcp') !== -1 }
}

/**
 * Where the one at `first` is an IPv6 address of the transport, its best IPv4 address follows it. Answers where that
 * stood, -1 if nowhere
 */
function pairFamilies (sorted: GoRanked[], first: number, transport: GoTraits['transport']): number {
  const at = sorted[first]?.traits

  if (at?.transport !== transport || !at.isIp6) {
    return -1
  }

  const second = sorted.findIndex(({ traits }, i) => i > first && traits.transport === transport && traits.isIp4)

  if (second !== -1) {
    sorted.splice(first + 1, 0, ...sorted.splice(second, 1))
  }

  return second
}
