import { hostOf } from './network.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What an address goes over that some networks do not let through */
export type PathKind = 'udp' | 'ip6'

const KINDS = { none: [], udp: ['udp'], ip6: ['ip6'], both: ['udp', 'ip6'] } as const

/**
 * The kinds that a public address is of. None of a private or loopback one, which stays in this network, and of a name that is
 * not resolved; none of one behind a relay, to which a connection may be open, over whatever it is
 */
export function pathKindsOf (multiaddr: Multiaddr): readonly PathKind[] {
  const { network, version, isUdp } = hostOf(multiaddr)

  if (network !== 'public' || multiaddr.getComponents().some(({ name }) => name === 'p2p-circuit' || name === 'webrtc')) {
    return KINDS.none
  }

  return isUdp ? version === 6 ? KINDS.both : KINDS.udp : version === 6 ? KINDS.ip6 : KINDS.none
}
