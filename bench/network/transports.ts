import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { quicTransport } from './quic.ts'
import type { Libp2pOptions } from 'libp2p'

/** Returns the transports of the nodes at both ends */
export async function transports (): Promise<NonNullable<Libp2pOptions['transports']>> {
  const quic = await quicTransport()

  return [tcp(), webSockets(), ...quic == null ? [] : [quic]]
}
