import { transportOf } from './transport.ts'
import type { ConnectionFacts } from '../pipeline/convergence.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Returns the facts of a connection by which connections are compared
 *
 * @param self this node's peer id, as a string
 */
export function factsOf ({ limits, direct, remoteAddr, remotePeer, direction, rtt }: Connection, self: string): ConnectionFacts {
  return {
    isLimited: limits != null,
    isRelayed: !direct,
    transport: transportOf(remoteAddr),
    initiator: direction === 'outbound' ? self : remotePeer.toString(),
    rtt
  }
}
