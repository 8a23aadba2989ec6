import { IpNet } from '@chainsafe/netmask'
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
    group: groupOf(components, has),
    transport: isQuic ? 'quic' : has('tcp') ? 'tcp' : 'other',
    isIp6: has('ip6'),
    isIp4: has('ip4'),
    score: score(components, has)
  }
}

function groupOf (components: Component[], has: (name: string) => boolean): GoGroup {
  if (has('p2p-circuit')) {
    return 'relay'
  }

  if (isPrivate(components)) {
    return 'private'
  }

  return has('ip4') || has('ip6') ? 'public' : 'rest'
}

/** Looks at the first component only, a zone in front aside */
function isPrivate (components: Component[]): boolean {
  const { name, value = '' } = components.find(component => component.name !== 'ip6zone') ?? { name: '' }

  if (name === 'ip4' || name === 'ip6') {
    return PRIVATE.some(net => net.contains(value))
  }

  return NAMES.has(name) && (value === 'localhost' || value.endsWith('.localhost'))
}

/** Low ports first: they are more likely to be the ones that somebody listens on */
function score (components: Component[], has: (name: string) => boolean): number {
  const port = (name: string): number => Number(components.find(component => component.name === name)?.value ?? 0)
  const family = has('ip4') ? 2 ** 18 : 0

  if (has('webtransport')) {
    return 2 ** 19 + family + port('udp')
  }

  if (has('quic')) {
    return 2 ** 17 + family + port('udp')
  }

  if (has('quic-v1')) {
    return family + port('udp')
  }

  if (has('tcp')) {
    return 2 ** 20 + family + port('tcp')
  }

  return has('webrtc-direct') ? 2 ** 21 : 2 ** 30
}
