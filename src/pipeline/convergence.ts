import type { Candidate } from './flow.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** The properties of an open connection that decide which one is preferred */
export interface ConnectionFacts {
  /** Whether a relay ends the connection after some time or some data */
  readonly isLimited: boolean
  readonly isRelayed: boolean
  /** The transport as both ends report it: `quic-v1`, `webtransport`, `tcp`, `webrtc-direct`, `ws`, `webrtc`, `circuit`, … */
  readonly transport: string
  /** The peer id of the end that dialled, as a string */
  readonly initiator: string
  /** The round-trip time in milliseconds, as the node's connection monitor measured it */
  readonly rtt?: number
}

/** Compares two connections. Below 0: new streams use the first; above 0: the second; 0: neither is preferred */
export type ConnectionPreference = (a: ConnectionFacts, b: ConnectionFacts) => number

/** A change of the preferred connection to a peer: the argument of the events and of `onPreferredChange` */
export interface ConnectionChange {
  readonly peerId: PeerId
  readonly connection: Connection
  /** The former connection. It is still open, and its streams go on */
  readonly previous: Connection
  /** When this node closes the former connection, in milliseconds since the epoch. Undefined: when its streams have ended */
  readonly deadline?: number
}

/** Compares connections and addresses of one peer by the preference of the node */
export interface DialConvergence {
  /** Returns whether a connection to a candidate would be preferred to an open connection */
  isBetter (candidate: Candidate, connection: Connection): boolean
  /** Returns whether no address could give a connection that is preferred to this one, or no other connection is wanted */
  isBest (connection: Connection): boolean
  /** Returns the connection to a peer that new streams use. Undefined: any connection */
  preferred? (peerId: PeerId): Connection | undefined
  /** Lets a connection that a dial has yielded take part in convergence */
  accepted? (connection: Connection): void
}

/** The default preference: unlimited before limited, direct before relayed */
export const BY_REACH: DialConvergence = {
  isBetter: ({ facts }, { limits, direct }) => !facts.isRelayed && (limits != null || !direct),
  isBest: ({ limits, direct }) => limits == null && direct
}
