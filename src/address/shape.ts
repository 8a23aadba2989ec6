import { Circuit, Memory, QUIC, QUIC_V1, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import { byShape } from './by-shape.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const TRANSPORTS = {
  circuit: Circuit,
  memory: Memory,
  'quic-v1': QUIC_V1,
  quic: QUIC,
  tcp: TCP,
  webrtc: WebRTC,
  'webrtc-direct': WebRTCDirect,
  webtransport: WebTransport,
  ws: WebSockets,
  wss: WebSocketsSecure
}

export type Transport = keyof typeof TRANSPORTS | 'other'

/** What the sequence of an address's protocols says, whatever their values */
export interface Shape {
  readonly transport: Transport
  /** Its transport says nothing of an attempt before that has connected */
  readonly isMute: boolean
  /** The rank of its transport in libp2p's "reliable transports first": 0 to 6 */
  readonly reliability: number
  /** It makes a TCP connection of its own. A relayed one does not: the dial of the relay is paced by its own race */
  readonly isTcp: boolean
  /** The same, to an IPv4 address that nothing else names */
  readonly isPlainIp4: boolean
}

const NAMES = Object.keys(TRANSPORTS) as Array<keyof typeof TRANSPORTS>
const RELIABLE: readonly Transport[] = ['tcp', 'wss', 'ws', 'webrtc', 'webrtc-direct', 'webtransport']
const MUTE: ReadonlySet<Transport> = new Set(['quic-v1', 'quic', 'webrtc-direct'])

export const shapeOf = byShape((multiaddr: Multiaddr): Shape => {
  const transport = NAMES.find(name => TRANSPORTS[name].exactMatch(multiaddr)) ?? 'other'
  const rank = RELIABLE.indexOf(transport)
  const names = multiaddr.getComponents().map(({ name }) => name)
  const isTcp = !names.includes('p2p-circuit') && names.some(name => name === 'tcp' || name === 'ws' || name === 'wss')

  return {
    transport,
    isMute: MUTE.has(transport),
    reliability: rank === -1 ? RELIABLE.length : rank,
    isTcp,
    isPlainIp4: isTcp && names[0] === 'ip4' && !names.includes('sni')
  }
})
