import type { FloodInit } from './flood-answer.ts'

export interface FloodScene {
  /** `unguarded` is `adaptive` without its `scope` stage, in the order of the answer */
  readonly preset: 'adaptive' | 'publicOnly' | 'unguarded'
  readonly says: FloodInit
  /** Another peer of the DHT answers as well, with the good address alone */
  readonly hasHonest?: boolean
  /** It is dialled again when what the book knew of it has expired: the peer store has it for an hour */
  readonly isLater?: boolean
}

/** Sent as JSON */
export interface FloodResult {
  /** The peer that is dialled */
  readonly peer: string
  /** Where the dial connected to, or how it failed */
  readonly connectedTo?: string
  readonly error?: string
  /** What transports were asked to dial for that peer, in that order */
  readonly dialled: readonly string[]
  /** The DHT dials it as well, in its own time */
  readonly mostInOneDial: number
  /** TCP connections to it that were begun in the namespace, as the kernel counts them */
  readonly opened: number
  /** How many of its addresses the node's peer store has, which has no limit */
  readonly stored: number
  /** How many of them the book keeps for the DHT's sake, how many of those do not look public, and the most of one reporter */
  readonly kept: number
  readonly keptPrivate: number
  readonly keptOfReporter: number
  /** How many came as far as the race of the latest dial */
  readonly listed: number
}
