import { IpNet } from '@chainsafe/netmask'
import { listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/** The groups that go-libp2p ranks on their own, in the order of its list (dial_ranker.go) */
export type GoGroup = 'private' | 'public' | 'relay' | 'rest'

/** What an address is to go-libp2p's ranker */
export interface GoTraits {
  readonly group: GoGroup
  /** WebTransport counts as QUIC, and WebSocket as TCP */
  readonly transport: 'quic' | 'tcp' | 'other'
  readonly isIp6: boolean
  readonly isIp4: boolean
  /** Within a group the lowest is preferred */
  readonly score: number
}

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

// an address is looked at whenever something is learnt
const known = new WeakMap<Candidate, GoTraits>()

export function goRank (candidates: readonly Candidate[]): GoRanking {
  const ranked = candidates.map(candidate => {
    const traits = known.get(candidate) ?? goTraits(candidate.multiaddr)
    known.set(candidate, traits)

    return { candidate, traits }
  })
  const of = (group: GoGroup): GoRanked[] => ranked.filter(({ traits }) => traits.group === group)

  return { private: sort(of('private')), public: sort(of('public')), relay: sort(of('relay')), rest: of('rest') }
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

/** manet.IsPrivateAddr */
const PRIVATE = [
  '127.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16',
  '::1/128', 'fc00::/7', 'fe80::/10'
].map(cidr => new IpNet(cidr))

const NAMES = new Set(['dns', 'dns4', 'dns6', 'dnsaddr'])

export function goTraits (multiaddr: Multiaddr): GoTraits {
  const components = multiaddr.getComponents()
  const has = (name: string): boolean => components.some(component => component.name === name)
  const isQuic = has('quic') || has('quic-v1')

  return {
    group: has('p2p-circuit') ? 'relay' : isPrivate(components) ? 'private' : has('ip4') || has('ip6') ? 'public' : 'rest',
    transport: isQuic ? 'quic' : has('tcp') ? 'tcp' : 'other',
    isIp6: has('ip6'),
    isIp4: has('ip4'),
    score: score(components, has)
  }
}

/** Looks at the first component only, a zone in front aside */
function isPrivate (components: Component[]): boolean {
  const { name, value = '' } = components.find(component => component.name !== 'ip6zone') ?? { name: '' }

  if (name === 'ip4' || name === 'ip6') {
    return PRIVATE.some(net => net.contains(value))
  }

  return NAMES.has(name) && (value === 'localhost' || value.endsWith('.localhost'))
}

/** The score of each transport, the first that an address has, and the protocol of its port */
const SCORES = [['webtransport', 2 ** 19, 'udp'], ['quic', 2 ** 17, 'udp'], ['quic-v1', 0, 'udp'], ['tcp', 2 ** 20, 'tcp']] as const

/** Low ports first: they are more likely to be the ones that somebody listens on */
function score (components: Component[], has: (name: string) => boolean): number {
  const [, base, protocol] = SCORES.find(([name]) => has(name)) ?? []

  if (base == null) {
    return has('webrtc-direct') ? 2 ** 21 : 2 ** 30
  }

  return base + (has('ip4') ? 2 ** 18 : 0) + Number(components.find(({ name }) => name === protocol)?.value ?? 0)
}
