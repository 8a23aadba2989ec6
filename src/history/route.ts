import { Circuit, Memory, QUIC, QUIC_V1, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import { byShape } from '../address/by-shape.ts'

/** How one gets to an address, as far as it matters for what to expect of it */
export interface Route {
  readonly transport: string
  /** How many round trips go by until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
  /** Milliseconds that are spent beside them */
  readonly overhead: number
}

// measured by counting round trips on an emulated network, see docs/benchmarks.md
const ROUTES = [
  [Circuit, { transport: 'circuit', roundTrips: { first: 9, all: 11 }, overhead: 500 }],
  [QUIC_V1, { transport: 'quic', roundTrips: { first: 1, all: 1 }, overhead: 4 }],
  [QUIC, { transport: 'quic', roundTrips: { first: 1, all: 1 }, overhead: 4 }],
  [WebTransport, { transport: 'webtransport', roundTrips: { first: 1, all: 3 }, overhead: 10 }],
  [WebSocketsSecure, { transport: 'wss', roundTrips: { first: 3, all: 5 }, overhead: 15 }],
  [WebSockets, { transport: 'ws', roundTrips: { first: 2, all: 4 }, overhead: 11 }],
  [TCP, { transport: 'tcp', roundTrips: { first: 1, all: 3 }, overhead: 9 }],
  [WebRTCDirect, { transport: 'webrtc-direct', roundTrips: { first: 7, all: 7 }, overhead: 70 }],
  [WebRTC, { transport: 'webrtc', roundTrips: { first: 11, all: 18 }, overhead: 570 }],
  [Memory, { transport: 'memory', roundTrips: { first: 0, all: 0 }, overhead: 1 }]
] as const

const OTHER: Route = { transport: 'other', roundTrips: { first: 1, all: 3 }, overhead: 10 }

export const routeOf = byShape((multiaddr): Route => {
  const [, route] = ROUTES.find(([matcher]) => matcher.exactMatch(multiaddr)) ?? [undefined, OTHER]

  return route
})
