/** How a transport connects */
export interface TransportModel {
  /** What follows the IP address of its multiaddrs */
  readonly path: string
  /** How many round trips go by until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
  /** Milliseconds that the handshake takes beside them */
  readonly overhead: number
  /** Closed ports refuse after a round trip. Over UDP nobody hears of a refusal */
  readonly canRefuse: boolean
}

export type SimulatedTransport = 'tcp' | 'ws' | 'wss' | 'quic' | 'webtransport' | 'webrtc-direct' | 'relay'

// counted on an emulated network, see docs/internals/benchmarks.md
export const TRANSPORTS: Readonly<Record<SimulatedTransport, TransportModel>> = {
  tcp: { path: 'tcp/PORT', roundTrips: { first: 1, all: 3 }, overhead: 9, canRefuse: true },
  ws: { path: 'tcp/PORT/ws', roundTrips: { first: 2, all: 4 }, overhead: 11, canRefuse: true },
  wss: { path: 'tcp/PORT/tls/ws', roundTrips: { first: 3, all: 5 }, overhead: 15, canRefuse: true },
  quic: { path: 'udp/PORT/quic-v1', roundTrips: { first: 1, all: 1 }, overhead: 4, canRefuse: false },
  webtransport: { path: 'udp/PORT/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ', roundTrips: { first: 1, all: 3 }, overhead: 10, canRefuse: false },
  'webrtc-direct': { path: 'udp/PORT/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ', roundTrips: { first: 7, all: 7 }, overhead: 70, canRefuse: false },
  // over a relay to which no connection is open; the relay itself answers where the peer is not there
  relay: { path: 'tcp/PORT', roundTrips: { first: 9, all: 11 }, overhead: 22, canRefuse: true }
}

/** Of a relay that has no reservation of the peer: round trips until it says so, its own connection included */
export const RELAY_REFUSES_AFTER = 5

/** Round trips of DCUtR between the relayed connection and the direct one: three over the relay, and a handshake */
export const UPGRADE_ROUND_TRIPS = 6
