import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { webRTC } from '@libp2p/webrtc'
import { createNode } from '../../test/helpers/node.ts'
import { PATIENCE } from '../../test/helpers/until.ts'
import type { NodeOptions } from '../../test/helpers/node.ts'
import type { Libp2p } from '@libp2p/interface'

/** WebRTC on the loopback only: the defaults contact servers on the internet, and offer all addresses of the machine */
const LOOPBACK: RTCConfiguration & { bindAddress: string } = { iceServers: [], bindAddress: '127.0.0.1' }

/** Starts a relay for many connections, with or without limits */
export async function startRelay (applyDefaultLimit: boolean): Promise<Libp2p> {
  return createNode({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    transports: [tcp()],
    services: {
      identify: identify(),
      relay: circuitRelayServer({ reservations: { maxReservations: 1_000, applyDefaultLimit }, maxInboundHopStreams: 1_000, maxOutboundHopStreams: 1_000, maxOutboundStopStreams: 1_000 })
    }
  })
}

/** Options of a node that listens through a relay and over WebRTC, which needs the relayed connection first */
export function behind (relay: string): NodeOptions<any> {
  return {
    listen: [`${relay}/p2p-circuit`, '/webrtc'],
    transports: [tcp(), circuitRelayTransport({ reservationCompletionTimeout: PATIENCE }), webRTC({ rtcConfiguration: LOOPBACK })],
    services: { identify: identify() }
  }
}
