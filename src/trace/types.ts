/**
 * The record of one dial, as plain JSON. `startedAt` is in milliseconds since the epoch. All other times are in milliseconds after
 * `startedAt`. Text from other peers is cut and has no control characters
 */
export interface DialTrace {
  version: 1
  id: string
  target: TraceTarget
  pipeline: TracePipeline
  startedAt: number
  /** Absent while the dial runs or lingers for a better connection */
  endedAt?: number
  /** Time at which this trace was made. Present only if the dial was `running` */
  madeAt?: number
  /** Time at which the first caller got its result. A caller that left counts only if all have left. Absent when no caller has a result */
  settledAt?: number
  /** `aborted`: something outside ended the dial, such as the signal of its last caller or the stop of the node */
  outcome: 'running' | 'connected' | 'failed' | 'aborted'
  /** The connection that the callers got, or a better one that followed */
  connection?: TraceConnection
  error?: TraceError
  callers: TraceCaller[]
  sources: TraceSource[]
  /** The things that the dial waits for, such as the names of pending stages. After a dial without a connection: those at its end */
  awaited: string[]
  /** The addresses of the race in its order, then the others in the order in which they were found */
  candidates: TraceCandidate[]
  /** Number of entries beyond the caps. Absent when there are none */
  omitted?: TraceOmissions
}

/** The peer and the addresses that all callers together asked for */
export interface TraceTarget {
  peer?: string
  addresses: string[]
}

export interface TracePipeline {
  /** Absent when the pipeline has no name */
  name?: string
  /** The stages from top to bottom, by the names for edits: `policy/gater` */
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
  /** The stage that threw the error, if the message does not name it */
  stage?: string
  /** The code of the system, if an attempt has failed with one: `ECONNREFUSED` */
  code?: string
}

/** A caller of the dial */
export interface TraceCaller {
  /** Time at which the caller asked. Negative when the dial was queued */
  at: number
  addresses: string[]
  /** Absent while the caller waits */
  endedAt?: number
  outcome?: 'connected' | 'failed' | 'aborted'
  /** The address of the caller's connection */
  address?: string
  error?: TraceError
}

/** A source that the dial has asked, or would have asked but for a reason */
export interface TraceSource {
  stage: string
  askedAt: number
  /** Absent when the source is pending, or the dial ended before its answer. With `isAwaited`: when a part of the dial ended before its answer */
  endedAt?: number
  /** Number of addresses that the source has given to this dial */
  addresses: number
  error?: TraceError
  /** Present when the source has not answered. The dial may have ended without its answer */
  isAwaited?: true
  /** Why the source asked nobody. `askedAt` is then the time of that decision */
  notAsked?: string
}

/** An address, and the outcome of each step */
export interface TraceCandidate {
  address: string
  /** `tcp`, `quic-v1`, …. Absent when it is unknown */
  transport?: string
  /** The sources that have reported the address */
  provenance: string[]
  /** The stage that found the address first */
  source?: string
  verdicts: TraceVerdict[]
  /** Position in the order of the race, from 0. Absent when the address reached no race */
  position?: number
  /** The attempts of the address, oldest first */
  attempts: TraceAttempt[]
}

/** The verdict of a stage on an address. The stages above one that dropped the address have kept it */
export type TraceVerdict =
  | { stage: string, verdict: 'dropped', reason: string }
  /** Other addresses replace this one */
  | { stage: string, verdict: 'expanded', into: string[] }
  /** The stage has neither kept nor dropped the address yet */
  | { stage: string, verdict: 'held' }

export interface TraceAttempt {
  /** Time at which the race asked for the attempt */
  plannedAt: number
  /** Time at which the attempt had its slots and the transport began */
  startedAt?: number
  /** Present when a layer around the attempt has not called `next` */
  isInLayer?: true
  /** Present when the connection gater has not judged the address */
  isAtGater?: true
  marks: TraceMark[]
  endedAt?: number
  /**
   * `waiting`: for a slot, the gater or a layer. `in flight`: its dial runs or lingers. `rejected`: it connected, and a stage below the race
   * did not pass the connection on; `error` has the reason. `cancelled`: another attempt won, or the dial ended
   */
  outcome: 'waiting' | 'in flight' | 'connected' | 'rejected' | 'failed' | 'cancelled'
  error?: TraceError
}

/** `opened`: the transport is connected. `answered`: the remote first responded */
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
