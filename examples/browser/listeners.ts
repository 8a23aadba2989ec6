import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { createNode } from '../../test/helpers/node.ts'
import { PATIENCE } from '../../test/helpers/until.ts'

/** The ways in which a browser can reach the node */
export type Way = 'websockets' | 'webrtc-direct' | 'relay'

export interface Listeners {
  /** Addresses with the peer id, which is the same in all */
  readonly addresses: Readonly<Record<Way, string>>
  stop (): Promise<void>
}

const WEBSOCKETS = '/ip4/127.0.0.1/tcp/0/ws'

/** Starts a node that browsers can dial over WebSockets, over WebRTC, and through a relay, on 127.0.0.1 only */
export async function startListeners (): Promise<Listeners> {
  const relay = await createNode({
    listen: [WEBSOCKETS],
    transports: [webSockets()],
    services: { identify: identify(), relay: circuitRelayServer() }
  })
  const [relayAddress = ''] = relay.getMultiaddrs().map(String)
  const node = await createNode({
    listen: [WEBSOCKETS, '/ip4/127.0.0.1/udp/0/webrtc-direct', `${relayAddress}/p2p-circuit`],
    transports: [
      webSockets(),
      // the default contacts STUN servers on the internet
      webRTCDirect({ rtcConfiguration: { iceServers: [] } }),
      circuitRelayTransport({ reservationCompletionTimeout: PATIENCE })
    ],
    services: { identify: identify() }
  })
  const all = node.getMultiaddrs().map(String)
  const address = (part: string): string => all.find(one => one.includes(part) && (part === '/p2p-circuit') === one.includes('/p2p-circuit')) ?? ''

  return {
    addresses: { websockets: address('/ws/'), 'webrtc-direct': address('/webrtc-direct/'), relay: address('/p2p-circuit') },
    stop: async () => { await Promise.all([node.stop(), relay.stop()]) }
  }
}
