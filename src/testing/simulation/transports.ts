/** A model of the handshake of a transport */
export interface TransportModel {
  /** The part of the multiaddr after the IP address */
  readonly path: string
  /** The number of round trips until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
  /** Milliseconds of computation in the handshake, in addition to the round trips */
  readonly overhead: number
  /** Whether a closed port refuses after one round trip. A closed UDP port stays silent */
  readonly canRefuse: boolean
}

/** The transport of a simulated address */
export type SimulatedTransport = 'tcp' | 'ws' | 'wss' | 'quic' | 'webtransport' | 'webrtc-direct' | 'relay'

// counted on an emulated network, see docs/internals/benchmarks.md
export const TRANSPORTS: Readonly<Record<SimulatedTransport, TransportModel>> = {
  tcp: { path: 'tcp/PORT', roundTrips: { first: 1, all: 3 }, overhead: 9, canRefuse: true },
  ws: { path: 'tcp/PORT/ws', roundTrips: { first: 2, all: 4 }, overhead: 11, canRefuse: true },
  wss: { path: 'tcp/PORT/tls/ws', roundTrips: { first: 3, all: 5 }, overhead: 15, canRefuse: true },
  quic: { path: 'udp/PORT/quic-v1', roundTrips: { first: 1, all: 1 }, overhead: 4, canRefuse: false },
  webtransport: { path: 'udp/PORT/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ', roundTrips: { first: 1, all: 3 }, overhead: 10, canRefuse: false },
  'webrtc-direct': { path: 'udp/PORT/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ', roundTrips: { first: 7, all: 7 }, overhead: 70, canRefuse: false },
  // the connection to the relay is counted too. The relay answers even if the peer is offline
  relay: { path: 'tcp/PORT', roundTrips: { first: 9, all: 11 }, overhead: 22, canRefuse: true }
}

/** Round trips until a relay reports that it has no reservation of the peer, including the connection to the relay */
export const RELAY_REFUSES_AFTER = 5

/** Round trips of DCUtR from the relayed connection to the direct one: three over the relay, and a handshake */
export const UPGRADE_ROUND_TRIPS = 6
