import { FUNCTION, listOf, MILLISECONDS, NAME, oneOf } from './option-kinds.ts'
import type { OptionKinds } from './check-options.ts'
import type { ConnectionChange } from './convergence.ts'

/** The transports of connections, in go-libp2p's order: fewer round trips first, then those where a lost packet delays one stream only */
export const TRANSPORTS = ['quic-v1', 'webtransport', 'tcp', 'webrtc-direct', 'ws', 'webrtc'] as const

/** The transport of a connection, as both of its ends report it */
export type ConnectionTransport = typeof TRANSPORTS[number]

/** Configures how the connections of a node converge on one per peer */
export interface ConvergenceInit {
  /**
   * Transports, preferred first. New streams use the connection whose transport comes first, and dials wait for a transport that precedes the one of
   * their first connection. Unnamed transports come last. Default: the transport does not matter
   */
  order?: readonly ConnectionTransport[] | undefined
  /**
   * Milliseconds without an application stream after which a redundant connection is closed
   *
   * @default 30000
   */
  idle?: number | undefined
  /** Milliseconds from when a connection is redundant until it is closed with its streams. Default: never before its streams end */
  deadline?: number | undefined
  /** The protocols whose streams do not keep a connection open. Default: identify, identify push, ping, AutoNAT and DCUtR */
  background?: readonly string[] | undefined
  /** Called when new streams use another connection than before. The former connection is still open */
  onPreferredChange?: ((change: ConnectionChange) => void) | undefined
}

export const CONVERGENCE_OPTIONS: OptionKinds<ConvergenceInit> = {
  order: listOf(`transports (${TRANSPORTS.join(', ')})`, oneOf(...TRANSPORTS)),
  idle: MILLISECONDS,
  deadline: MILLISECONDS,
  background: listOf('protocols', NAME),
  onPreferredChange: FUNCTION
}
