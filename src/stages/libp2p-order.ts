import { isLoopback, isPrivate } from '@libp2p/utils'
import { Circuit, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import { order } from '../pipeline/rank.ts'
import type { Candidate, StageInit } from '../pipeline/types.ts'

const RELIABLE = [TCP, WebSocketsSecure, WebSockets, WebRTC, WebRTCDirect, WebTransport]

/**
 * The order of libp2p's own dialer: loopback last, public first, relayed last, certified first, then the transports
 * TCP, WSS, WS, WebRTC, WebRTC-direct, WebTransport and the rest. The node's `addressSorter`, where it has one, decides
 * instead.
 */
export function libp2pOrder (): StageInit<'candidates', 'candidates', 'libp2p-order'> {
  // matching an address against every transport is most of the cost of sorting: once a candidate
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
    return candidates.toSorted(settings.addressSorter ?? ((a, b) => weightOf(a) - weightOf(b)))
  })
}

function weigh ({ multiaddr, isCertified }: Candidate): number {
  const transport = RELIABLE.findIndex(matcher => matcher.exactMatch(multiaddr))

  return [isLoopback(multiaddr), isPrivate(multiaddr), Circuit.exactMatch(multiaddr), !isCertified]
    .reduce((weight, isWorse) => weight * 2 + Number(isWorse), 0) * 8 + (transport === -1 ? RELIABLE.length : transport)
}
