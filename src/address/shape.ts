import { Circuit, Memory, QUIC, QUIC_V1, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

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

/** The properties of an address that follow from its sequence of protocols, without their values */
export interface Shape {
  readonly transport: Transport
  /** Whether the transport reports nothing before it has connected */
  readonly isMute: boolean
  /** The rank of the transport in libp2p's "reliable transports first", 0 to 6 */
  readonly reliability: number
  /** The index of the first host: an IP address or a name. -1: there is none */
  readonly host: number
  /** The IP version of that host. Undefined: a name, or no host */
  readonly family?: 4 | 6
  /** Whether the address begins with that host, after an optional IPv6 zone */
  readonly isFirst: boolean
  readonly isUdp: boolean
  /** Whether the address has `/tls/sni/<name>`: WebSockets connect to that name */
  readonly hasSni: boolean
  /** Whether the address leads over a connection to another peer: a relay, or the signalling of WebRTC */
  readonly isIndirect: boolean
  /** Whether the address opens a TCP connection itself. A relayed one does not: the dial of the relay has its own race */
  readonly isTcp: boolean
  /** The index of the last peer id. -1: there is none */
  readonly peer: number
}

const NAMES = Object.keys(TRANSPORTS) as Array<keyof typeof TRANSPORTS>
const RELIABLE: readonly Transport[] = ['tcp', 'wss', 'ws', 'webrtc', 'webrtc-direct', 'webtransport']
const MUTE: ReadonlySet<Transport> = new Set(['quic-v1', 'quic', 'webrtc-direct'])

/** A node in the tree of protocol sequences */
interface Beginning {
  readonly next: Map<number, Beginning>
  shape?: Shape
}

const MAX_BEGINNINGS = 1_024

const root: Beginning = { next: new Map() }
let beginnings = 1

/**
 * Returns the shape of an address. Cached by its protocols: matching against every transport is slow, and there are few sequences
 *
 * @param components the components of the address
 */
export function shapeOf (multiaddr: Multiaddr, components: readonly Component[] = multiaddr.getComponents()): Shape {
  let known = root

  for (const { code } of components) {
    known = known.next.get(code) ?? addBeginning(known, code)
  }

  return (known.shape ??= readShape(multiaddr, components))
}

/** Adds a node to the tree. At the cap, the tree begins again: remote peers can send any sequence of protocols */
function addBeginning ({ next }: Beginning, code: number): Beginning {
  if (beginnings === MAX_BEGINNINGS) {
    root.next.clear()
    beginnings = 1
  }

  const beginning: Beginning = { next: new Map() }
  next.set(code, beginning)
  beginnings++

  return beginning
}

function readShape (multiaddr: Multiaddr, components: readonly Component[]): Shape {
  const transport = NAMES.find(name => TRANSPORTS[name].exactMatch(multiaddr)) ?? 'other'
  const rank = RELIABLE.indexOf(transport)
  const names = components.map(({ name }) => name)
  const host = names.findIndex(name => name === 'ip4' || name === 'ip6' || name.startsWith('dns'))
  const isRelayed = names.includes('p2p-circuit')

  return {
    transport,
    isMute: MUTE.has(transport),
    reliability: rank === -1 ? RELIABLE.length : rank,
    host,
    family: names[host] === 'ip4' ? 4 : names[host] === 'ip6' ? 6 : undefined,
    isFirst: host === (names[0] === 'ip6zone' ? 1 : 0),
    isUdp: names[host + 1] === 'udp',
    hasSni: names.includes('sni'),
    isIndirect: isRelayed || names.includes('webrtc'),
    isTcp: !isRelayed && names.some(name => name === 'tcp' || name === 'ws' || name === 'wss'),
    peer: names.lastIndexOf('p2p')
  }
}
