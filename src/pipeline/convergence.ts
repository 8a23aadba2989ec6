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
  /** Which of two connections new streams take. Default: `connectionPreference()` */
  prefer?: ConnectionPreference
  /**
   * Milliseconds without an application stream after which a connection is closed that another has made redundant
   *
   * @default 30000
   */
  idle?: number
  /** Milliseconds after which such a connection is closed whatever it carries. Default: its streams are waited for */
  deadline?: number
  /** The protocols whose streams do not hold a connection open. Default: identify, identify push, ping, AutoNAT and DCUtR */
  background?: readonly string[]
  /** Called when new streams take another connection than before, which is still open */
  onBetter?: (better: BetterConnection) => void
}

/** Where a stage says that the node's connections are to converge */
export interface DialConvergence {
  want (wish: ConvergenceWish): void
}
