import { CODE_P2P } from '@multiformats/multiaddr'
import { whyNoHost } from '../address/why-no-host.ts'
import { peerOf } from './candidate.ts'
import { isGiven } from './given.ts'
import type { Candidate, DialComponents } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Why an address cannot be dialled, undefined where it can */
export function whyNotDialable (candidate: Candidate, target: PeerId | undefined, components: Pick<DialComponents, 'peerId' | 'transportManager'>): string | undefined {
  const { multiaddr } = candidate
  const peer = peerOf(multiaddr)

  if (peer === components.peerId.toString()) {
    return 'an address of this node'
  }

  if (target != null && peer !== undefined && peer !== target.toString()) {
    return `an address of another peer, ${peer}`
  }

  // each transport would read it as another host, and so would whoever judges it
  const noHost = whyNoHost(multiaddr)

  if (noHost != null) {
    return noHost
  }

  if (components.transportManager.dialTransportForMultiaddr(multiaddr) == null) {
    return 'no transport'
  }

  // to the caller of a dial it is this machine, as it is to the operating system
  if (isUnspecified(multiaddr) && !isGiven(candidate)) {
    return 'an unspecified address'
  }

  return isOwn(multiaddr, components.transportManager.getAddrs()) ? 'this node listens there itself' : undefined
}

function isUnspecified (multiaddr: Multiaddr): boolean {
  const [first] = multiaddr.getComponents()

  return first?.value === '0.0.0.0' || (first?.name === 'ip6' && first.value === '::')
}

/** An address behind a relay that we listen through too is not our own */
function isOwn (multiaddr: Multiaddr, listening: Multiaddr[]): boolean {
  if (multiaddr.getComponents().some(({ name }) => name === 'p2p-circuit')) {
    return false
  }

  const bare = withoutPeer(multiaddr)

  return listening.some(own => withoutPeer(own) === bare)
}

function withoutPeer (multiaddr: Multiaddr): string {
  const text = multiaddr.toString()
  const last = multiaddr.getComponents().at(-1)

  return last?.code === CODE_P2P ? text.slice(0, text.lastIndexOf('/p2p/')) : text
}
