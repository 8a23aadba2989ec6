import { Circuit, Memory, QUIC, QUIC_V1, TCP, WebRTC, WebRTCDirect, WebSockets, WebSocketsSecure, WebTransport } from '@multiformats/multiaddr-matcher'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How one gets to an address, as far as it matters for what to expect of it */
export interface Route {
  /** How many round trips go by until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
  /** Milliseconds that are spent beside them */
  readonly overhead: number
}

export function routeOf (multiaddr: Multiaddr): Route {
  const [, route] = ROUTES.find(([matcher]) => matcher.exactMatch(multiaddr)) ?? [undefined, OTHER]

  return route
}

// measured by counting round trips on an emulated network, see docs/benchmarks.md
const ROUTES = [
  [Circuit, { roundTrips: { first: 9, all: 11 }, overhead: 500 }],
  [QUIC_V1, { roundTrips: { first: 1, all: 1 }, overhead: 4 }],
  [QUIC, { roundTrips: { first: 1, all: 1 }, overhead: 4 }],
  [WebTransport, { roundTrips: { first: 1, all: 3 }, overhead: 10 }],
  [WebSocketsSecure, { roundTrips: { first: 3, all: 5 }, overhead: 15 }],
  [WebSockets, { roundTrips: { first: 2, all: 4 }, overhead: 11 }],
  [TCP, { roundTrips: { first: 1, all: 3 }, overhead: 9 }],
  [WebRTCDirect, { roundTrips: { first: 7, all: 7 }, overhead: 70 }],
  [WebRTC, { roundTrips: { first: 11, all: 18 }, overhead: 570 }],
  [Memory, { roundTrips: { first: 0, all: 0 }, overhead: 1 }]
] as const

const OTHER: Route = { roundTrips: { first: 1, all: 3 }, overhead: 10 }
