import type { Candidate } from './flow.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** What is known of an open connection */
export interface ConnectionFacts {
  /** A relay ends it after some time, or some data */
  readonly isLimited: boolean
  readonly isRelayed: boolean
  /** As both ends see it: `quic-v1`, `webtransport`, `tcp`, `webrtc-direct`, `ws`, `webrtc`, `circuit`, … */
  readonly transport: string
  /** The peer that dialled, as a string */
  readonly initiator: string
  /** Milliseconds, as the node's connection monitor measured it */
  readonly rtt?: number
}

/** Below 0: new streams go to the first of the two; above: to the second; 0: neither is better by what this looks at */
export type ConnectionPreference = (a: ConnectionFacts, b: ConnectionFacts) => number

/** Another connection to a peer than the one before: what the events and the callback of convergence tell */
export interface ConnectionChange {
  readonly peerId: PeerId
  readonly connection: Connection
  /** It is still open, and its streams go on */
  readonly previous: Connection
  /** When this node closes what is left of the previous one, in milliseconds since the epoch. Undefined: it waits for its streams */
  readonly deadline?: number
}

/** What a node prefers, of several connections to one peer */
export interface DialConvergence {
  /** Whether a connection to an address would be preferred to one that there is */
  isBetter (candidate: Candidate, connection: Connection): boolean
  /** Whether no address leads to one that is preferred to this, or nobody wants one */
  isBest (connection: Connection): boolean
}

/** The preference where a node has no other: one without limits before a limited one, a direct one before a relayed one */
export const BY_REACH: DialConvergence = {
  isBetter: ({ facts }, { limits, direct }) => !facts.isRelayed && (limits != null || !direct),
  isBest: ({ limits, direct }) => limits == null && direct
}
