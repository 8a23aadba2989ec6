import { IpNet } from '@chainsafe/netmask'
import { listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/** The groups that go-libp2p ranks separately, in the order of its list (dial_ranker.go) */
export type GoGroup = 'private' | 'public' | 'relay' | 'rest'

/** The properties of an address that go-libp2p's ranker uses */
export interface GoTraits {
  readonly group: GoGroup
  /** WebTransport counts as QUIC, and WebSocket as TCP */
  readonly transport: 'quic' | 'tcp' | 'other'
  readonly isIp6: boolean
  readonly isIp4: boolean
  /** Within a group, the lowest score is preferred */
  readonly score: number
}

/** A sorted group, with the facts that the delays of its addresses depend on */
export interface GoSorted {
  readonly sorted: readonly Candidate[]
  /** Whether the second QUIC address has another IP version than the first */
  readonly isQuicPaired: boolean
  /** The index of the first TCP address. The length of the list if there is none */
  readonly tcpStart: number
  readonly isTcpPaired: boolean
}

export interface GoRanking extends Readonly<Record<Exclude<GoGroup, 'rest'>, GoSorted>> {
  /** The group `rest`, in the order from above: it has no scores */
  readonly rest: readonly Candidate[]
}

/**
 * Creates a ranker that orders addresses like go-libp2p's default ranker. Private addresses come first, then public, relayed and other ones. Within a
 * group QUIC comes before WebTransport and TCP, IPv6 before IPv4, and low ports before high ones. The second QUIC and the second TCP address
 * have the other IP version. `goDelays` adds the delays.
 */
export function goOrder (): Stage<'candidates', 'candidates', 'go-order'> {
  checkArguments('goOrder()', arguments)

  return listStage('go-order', () => ({ candidates }) => {
    const ranking = goRank(candidates)

    return [...ranking.private.sorted, ...ranking.public.sorted, ...ranking.relay.sorted, ...ranking.rest]
  }, { role: 'rank', isPure: true })
}

// the traits are cached: the list is ranked again after each event
const known = new WeakMap<Candidate, GoTraits>()

export function traitsOf (candidate: Candidate): GoTraits {
  const traits = known.get(candidate) ?? goTraits(candidate.multiaddr)
  known.set(candidate, traits)

  return traits
}

export function goRank (candidates: readonly Candidate[]): GoRanking {
  const of = (group: GoGroup): Candidate[] => candidates.filter(one => traitsOf(one).group === group)

  return { private: sort(of('private')), public: sort(of('public')), relay: sort(of('relay')), rest: of('rest') }
}

function sort (group: readonly Candidate[]): GoSorted {
  const sorted = group.toSorted((a, b) => traitsOf(a).score - traitsOf(b).score)
  const second = pairFamilies(sorted, 0, 'quic')
  const tcp = sorted.findIndex((one, i) => i > second && traitsOf(one).transport === 'tcp')
  const tcpStart = tcp === -1 ? sorted.length : tcp

  return { sorted, isQuicPaired: second !== -1, tcpStart, isTcpPaired: pairFamilies(sorted, tcpStart, 'tcp') !== -1 }
}

/**
 * If the address at `first` is an IPv6 address of the transport, moves the best IPv4 address of the transport behind it. Returns the former index
 * of that address, -1 if none was moved
 */
function pairFamilies (sorted: Candidate[], first: number, transport: GoTraits['transport']): number {
  const isOf = (one: Candidate | undefined, family: 'isIp4' | 'isIp6'): boolean => one != null && traitsOf(one).transport === transport && traitsOf(one)[family]
  const second = isOf(sorted[first], 'isIp6') ? sorted.findIndex((one, i) => i > first && isOf(one, 'isIp4')) : -1

  if (second !== -1) {
    sorted.splice(first + 1, 0, ...sorted.splice(second, 1))
  }

  return second
}

/** The ranges of manet.IsPrivateAddr in go-multiaddr */
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

/** Returns whether the first component is a private address or a name of this host. A leading `ip6zone` is skipped */
function isPrivate (components: Component[]): boolean {
  const { name, value = '' } = components.find(component => component.name !== 'ip6zone') ?? { name: '' }

  if (name === 'ip4' || name === 'ip6') {
    return PRIVATE.some(net => net.contains(value))
  }

  return NAMES.has(name) && (value === 'localhost' || value.endsWith('.localhost'))
}

/** For each transport its score, and the protocol whose value is the port. The first entry that the address contains counts */
const SCORES = [['webtransport', 2 ** 19, 'udp'], ['quic', 2 ** 17, 'udp'], ['quic-v1', 0, 'udp'], ['tcp', 2 ** 20, 'tcp']] as const

/** Adds the port to the score: low ports are more likely to belong to a listener */
function score (components: Component[], has: (name: string) => boolean): number {
  const [, base, protocol] = SCORES.find(([name]) => has(name)) ?? []

  if (base == null) {
    return has('webrtc-direct') ? 2 ** 21 : 2 ** 30
  }

  return base + (has('ip4') ? 2 ** 18 : 0) + Number(components.find(({ name }) => name === protocol)?.value ?? 0)
}
