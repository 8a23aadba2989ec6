/**
 * The record of one dial, as plain JSON. Times are milliseconds after `startedAt`, which itself is milliseconds since the epoch.
 * Text that comes from other peers has no control characters, and is cut
 */
export interface DialTrace {
  version: 1
  id: string
  target: TraceTarget
  pipeline: TracePipeline
  startedAt: number
  /** Absent: the dial runs, or goes on for a better connection */
  endedAt?: number
  /** When this trace was made, of a dial that was `running` */
  madeAt?: number
  /** When the first caller was told. Absent: none was */
  settledAt?: number
  /** `aborted`: something outside ended the dial, such as the signal of its last caller, or the node that stops */
  outcome: 'running' | 'connected' | 'failed' | 'aborted'
  /** The connection that the callers were given, or a better one that followed */
  connection?: TraceConnection
  error?: TraceError
  callers: TraceCaller[]
  sources: TraceSource[]
  /** The stages that have something pending, by name; where the dial ended without a connection, those that had */
  awaited: string[]
  /** Addresses of the race in its order, then the others in the order in which they were found */
  candidates: TraceCandidate[]
  /** How many entries the caps have left out. Absent: none */
  omitted?: TraceOmissions
}

/** The peer and the addresses that the callers asked for together */
export interface TraceTarget {
  peer?: string
  addresses: string[]
}

export interface TracePipeline {
  /** Absent: the pipeline has no name */
  name?: string
  /** The stages from top to bottom, by the names that edits use: `policy/gater` */
  stages: string[]
}

export interface TraceConnection {
  id: string
  address: string
  isLimited?: boolean
  encryption?: string
  multiplexer?: string
}

export interface TraceError {
  name: string
  message: string
  /** The stage that threw the error, where the message does not say it */
  stage?: string
}

/** A caller of the dial */
export interface TraceCaller {
  /** When the caller asked: negative where the dial waited for its turn */
  at: number
  addresses: string[]
  /** Absent: the caller waits */
  endedAt?: number
  outcome?: 'connected' | 'failed' | 'aborted'
  /** The address of the caller's connection */
  address?: string
  error?: TraceError
}

/** A source that the dial has asked. One that was not asked has no entry */
export interface TraceSource {
  stage: string
  askedAt: number
  /** Absent: the source is awaited, or the dial ended before it answered */
  endedAt?: number
  /** How many addresses the source gave to this dial until now */
  addresses: number
  error?: TraceError
  /** The source has not answered: the dial runs, or has ended without its answer */
  isAwaited?: true
}

/** An address, and what became of it */
export interface TraceCandidate {
  address: string
  /** `tcp`, `quic-v1`, …. Absent: unknown */
  transport?: string
  /** The sources that have reported the address */
  provenance: string[]
  /** The stage that found it first */
  source?: string
  verdicts: TraceVerdict[]
  /** Place in the order of the race, from 0. Absent: the address came to no race */
  place?: number
  /** Oldest first */
  attempts: TraceAttempt[]
}

/** The verdict of a stage on an address. Stages above one that dropped the address have kept it */
export type TraceVerdict =
  | { stage: string, verdict: 'dropped', reason: string }
  /** Other addresses stand for this one */
  | { stage: string, verdict: 'expanded', into: string[] }
  /** The stage has neither passed the address on nor dropped it */
  | { stage: string, verdict: 'held' }

export interface TraceAttempt {
  /** When the race asked for the attempt */
  plannedAt: number
  /** When the attempt had its slots, and the transport began */
  startedAt?: number
  marks: TraceMark[]
  endedAt?: number
  /**
   * `waiting`: for a slot or the gater. `in flight`: the dial runs, or goes on for a better connection. `rejected`: it connected, and a stage
   * below the race did not pass the connection on, which `error` explains. `cancelled`: another won, or the dial ended
   */
  outcome: 'waiting' | 'in flight' | 'connected' | 'rejected' | 'failed' | 'cancelled'
  error?: TraceError
}

/** `opened`: the transport is connected. `answered`: the remote was first heard of */
export interface TraceMark {
  name: 'opened' | 'encrypted' | 'muxed' | 'answered'
  at: number
}

export interface TraceOmissions {
  callers?: number
  sources?: number
  candidates?: number
  attempts?: number
  /** Addresses of the target */
  addresses?: number
}
