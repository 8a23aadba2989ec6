import { Circuit, QUIC, QUIC_V1, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import { byShape } from './by-shape.ts'

/** What the sequence of an address's protocols says, whatever their values */
export interface Shape {
  /** A circuit, over which nothing else is negotiated */
  readonly isRelayed: boolean
  /** Negotiated over a circuit */
  readonly isWebRTC: boolean
  /** Its transport says nothing of an attempt before that has connected */
  readonly isMute: boolean
  /** The rank of its transport in libp2p's "reliable transports first": 0 to 6 */
  readonly reliability: number
}

const RELIABLE = [TCP, WebSocketsSecure, WebSockets, WebRTC, WebRTCDirect, WebTransport]

export const shapeOf = byShape((multiaddr): Shape => {
  const transport = RELIABLE.findIndex(matcher => matcher.exactMatch(multiaddr))

  return {
    isRelayed: Circuit.exactMatch(multiaddr),
    isWebRTC: WebRTC.matches(multiaddr),
    isMute: [QUIC_V1, QUIC, WebRTCDirect].some(matcher => matcher.exactMatch(multiaddr)),
    reliability: transport === -1 ? RELIABLE.length : transport
  }
})
