import { checkedCompare } from '../pipeline/checked-compare.ts'
import { order } from '../pipeline/rank.ts'
import { isLoopbackHost, isPrivateHost } from '../address/host.ts'
import { shapeOf } from '../address/shape.ts'
import type { Candidate, StageInit } from '../pipeline/types.ts'
import type { AddressSorter } from '@libp2p/interface'

export interface Libp2pOrderInit {
  /** Decides instead. Default: the node's own, from its `connectionManager` settings, where it has one */
  addressSorter?: AddressSorter
}

/**
 * The order of libp2p's own dialer: loopback last, public first, relayed last, certified first, then the transports
 * TCP, WSS, WS, WebRTC, WebRTC-direct, WebTransport and the rest. The node's `addressSorter`, where it has one, decides
 * instead.
 */
export function libp2pOrder (init: Libp2pOrderInit = {}): StageInit<'candidates', 'candidates', 'libp2p-order'> {
  const weights = new WeakMap<Candidate, number>()

  function weightOf (candidate: Candidate): number {
    const known = weights.get(candidate)

    if (known != null) {
      return known
    }

    const weight = weigh(candidate)
    weights.set(candidate, weight)

    return weight
  }

  return order('libp2p-order', (candidates, _dial, { settings }) => {
    const sorter = init.addressSorter ?? settings.addressSorter

    return candidates.toSorted(sorter == null ? (a, b) => weightOf(a) - weightOf(b) : checkedCompare('libp2p-order', sorter))
  })
}

/** One bit for each rule, the first the most significant, above the rank of the transport */
function weigh ({ multiaddr, isCertified }: Candidate): number {
  const { isRelayed, reliability } = shapeOf(multiaddr)

  return [isLoopbackHost(multiaddr), isPrivateHost(multiaddr), isRelayed, !isCertified]
    .reduce((weight, isWorse) => weight * 2 + Number(isWorse), 0) * 8 + reliability
}
