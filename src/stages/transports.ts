import { Circuit, Memory, QUIC_V1, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import { filter } from '../pipeline/filter.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import type { StageInit } from '../pipeline/types.ts'

const MATCHERS = {
  circuit: Circuit,
  memory: Memory,
  'quic-v1': QUIC_V1,
  tcp: TCP,
  webrtc: WebRTC,
  'webrtc-direct': WebRTCDirect,
  webtransport: WebTransport,
  ws: WebSockets,
  wss: WebSocketsSecure
}

export type TransportName = keyof typeof MATCHERS

/**
 * Keeps the addresses of some transports
 *
 * @throws InvalidPipelineError for a name that is none of a transport
 */
export function transports (...names: readonly TransportName[]): StageInit<'candidates', 'candidates', 'transports'> {
  const unknown = names.filter(name => !(name in MATCHERS))

  if (unknown.length > 0) {
    throw new InvalidPipelineError(`transports() does not know ${unknown.join(', ')}. It knows ${Object.keys(MATCHERS).join(', ')}`)
  }

  return filter('transports', ({ multiaddr }) => names.some(name => MATCHERS[name].exactMatch(multiaddr)) || `not an address of ${names.join(', ')}`)
}
