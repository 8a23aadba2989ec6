import type { Connection } from '@libp2p/interface'

/** What is known of an open connection */
export interface ConnectionFacts {
  /** A relay ends it after some time, or some data */
  readonly isLimited: boolean
  readonly isRelayed: boolean
  /** As both ends see it: `quic-v1`, `webtransport`, `tcp`, `webrtc-direct`, `ws`, `webrtc`, `circuit`, … */
  readonly transport: string
  /** The peer that dialled, as a string */
  readonly initiator: string
  /** The dial that it came of, and how many that had yielded before: of two the later is the one that its pipeline prefers */
  readonly dial?: string
  readonly place?: number
  /** Milliseconds, as the node's connection monitor measured it */
  readonly rtt?: number
}

/** Below 0: new streams go to the first of the two; above: to the second; 0: neither is better by what this looks at */
export type ConnectionPreference = (a: ConnectionFacts, b: ConnectionFacts) => number

export interface BetterConnection {
  /** Its streams go on; no new ones are opened on it */
  readonly previous: Connection
  readonly preferred: Connection
  /** When this node closes what is left of the previous one, on the node's clock; undefined: it waits for its streams */
  readonly deadline?: number
}

/** How the connections of a node converge */
export interface ConvergenceWish {
  readonly prefer?: ConnectionPreference
  readonly idle?: number
  readonly deadline?: number
  readonly background?: readonly string[]
  readonly onBetter?: (better: BetterConnection) => void
}

/** Where a stage says that the node's connections are to converge */
export interface DialConvergence {
  want (wish: ConvergenceWish): void
}
