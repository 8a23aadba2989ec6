import { Circuit, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the sequence of an address's protocols says, whatever their values */
export interface Shape {
  readonly isRelayed: boolean
  /** The rank of its transport in libp2p's "reliable transports first": 0 to 6 */
  readonly reliability: number
}

const RELIABLE = [TCP, WebSocketsSecure, WebSockets, WebRTC, WebRTCDirect, WebTransport]

/** Matching an address against every transport is most of the cost of sorting, and there are few shapes */
const shapes = new Map<string, Shape>()
const MAX_SHAPES = 256

export function shapeOf (multiaddr: Multiaddr): Shape {
  const key = multiaddr.getComponents().map(({ code }) => code).join('/')
  const known = shapes.get(key)

  if (known != null) {
    return known
  }

  const transport = RELIABLE.findIndex(matcher => matcher.exactMatch(multiaddr))
  const shape = { isRelayed: Circuit.exactMatch(multiaddr), reliability: transport === -1 ? RELIABLE.length : transport }

  if (shapes.size < MAX_SHAPES) {
    shapes.set(key, shape)
  }

  return shape
}
