import type { FloodInit } from './flood-answer.ts'

export interface FloodScene {
  /** The preset. `unguarded` is `adaptive` without its `scope` stage, in the order of the answer */
  readonly preset: 'adaptive' | 'publicOnly' | 'unguarded'
  readonly says: FloodInit
  /** Whether another peer of the DHT also answers, with the good address alone */
  readonly hasHonest?: boolean
  /** Whether the peer is dialled again after its reports in the book have expired. The peer store keeps addresses for an hour */
  readonly isLater?: boolean
}

/** The results, as JSON */
export interface FloodResult {
  /** The dialled peer */
  readonly peer: string
  /** The address that connected, or the error */
  readonly connectedTo?: string
  readonly error?: string
  /** The addresses of the peer that transports dialled, in order */
  readonly dialled: readonly string[]
  /** The maximum in one dial. The DHT dials the peer too, at times of its own */
  readonly mostInOneDial: number
  /** The number of TCP connections to the peer that were opened in the namespace */
  readonly opened: number
  /** The number of its addresses in the node's peer store, which has no limit */
  readonly stored: number
  /** The number of its addresses that the book keeps from the DHT, of those that do not look public, and the maximum of one reporter */
  readonly kept: number
  readonly keptPrivate: number
  readonly keptOfReporter: number
  /** The number of addresses that reached the race of the latest dial */
  readonly listed: number
}
