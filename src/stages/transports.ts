import { Circuit, Memory, QUIC_V1, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import { checkValue } from '../pipeline/check-options.ts'
import { filter } from '../pipeline/authoring/filter.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { eachOf, NAME } from '../pipeline/option-kinds.ts'
import type { Stage } from '../pipeline/types.ts'

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
 * Keeps the addresses of some transports, by what the address is in the end: one behind a relay is of `circuit`, whatever
 * leads to the relay, and `ws` is WebSockets without TLS
 *
 * @throws InvalidPipelineError for a name that is none of a transport, and for no name
 */
export function transports (...names: readonly TransportName[]): Stage<'candidates', 'candidates', 'transports'> {
  names.forEach(name => { checkValue('transports()', name, eachOf('transports', NAME)) })
  const known = Object.keys(MATCHERS)
  const unknown = names.filter(name => !known.includes(name))

  if (unknown.length > 0) {
    throw new InvalidPipelineError(`transports() does not know ${unknown.join(', ')}. It knows ${known.join(', ')}`)
  }

  if (names.length === 0) {
    throw new InvalidPipelineError(`transports() needs one or more of ${known.join(', ')}`)
  }

  return filter('transports', ({ multiaddr }) => names.some(name => MATCHERS[name].exactMatch(multiaddr)) || `not an address of ${names.join(', ')}`, { forRelays: false })
}
