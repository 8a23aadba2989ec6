import { FUNCTION, listOf, MILLISECONDS, NAME, oneOf } from './option-kinds.ts'
import type { OptionKinds } from './check-options.ts'
import type { ConnectionChange } from './convergence.ts'

/** Those of a connection. Fewer round trips and losses that hold up one stream only come first, as in go-libp2p's ranking of addresses */
export const TRANSPORTS = ['quic-v1', 'webtransport', 'tcp', 'webrtc-direct', 'ws', 'webrtc'] as const

/** The transport of a connection, as both of its ends see it */
export type ConnectionTransport = typeof TRANSPORTS[number]

/** How the connections of a node converge */
export interface ConvergenceInit {
  /**
   * Transports, preferred first: new streams take them in this order, and dials go on for one that stands before that of their first
   * connection. Those that are not named come last. Default: transports do not count
   */
  order?: readonly ConnectionTransport[]
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
  onPreferredChange?: (change: ConnectionChange) => void
}

/** The options, and what each must be */
export const CONVERGENCE_OPTIONS: OptionKinds<ConvergenceInit> = {
  order: listOf(`transports (${TRANSPORTS.join(', ')})`, oneOf(...TRANSPORTS)),
  idle: MILLISECONDS,
  deadline: MILLISECONDS,
  background: listOf('protocols', NAME),
  onPreferredChange: FUNCTION
}
