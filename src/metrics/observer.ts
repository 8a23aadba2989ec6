import type { DialTrace } from '../trace/types.ts'
import type { Drop, Story } from '../pipeline/runtime/story.ts'
import type { AnyStage, Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A dial, as its observers see it. Times are in milliseconds since the epoch */
export interface ObservedDial {
  readonly id: string
  readonly requested: { readonly peer?: string }
  /** The addresses of all callers */
  readonly multiaddrs: readonly Multiaddr[]
  readonly pipeline: AnyStage
  /** Made when it is read */
  readonly trace: DialTrace
  /** Absent: the dial was ended while it waited for its turn */
  readonly run?: {
    readonly startedAt: number
    readonly endedAt?: number
    readonly connection?: Connection
    readonly error?: Error
    /** Something outside ended the dial, such as the signal of its last caller */
    readonly isAborted?: boolean
    readonly story: Pick<Story, 'addresses'>
  }
}

/** A dial of a transport, which several dials of the node may share */
export interface ObservedAttempt {
  readonly candidate: Candidate
  /** The dials that want the attempt now: none once it was cancelled */
  readonly dials: Iterable<{ readonly id: string, readonly startedAt?: number }>
}

/** How an attempt ended. `cancelled`: no dial wants the attempt any more, or the attempt begins anew */
export interface AttemptEnd {
  readonly outcome: 'connected' | 'failed' | 'cancelled'
  /** When the attempt had its slots, and the transport began */
  readonly startedAt: number
  readonly firstResponseAt?: number
  readonly endedAt: number
  /** The error that the attempt failed with, or the reason for which it was cancelled */
  readonly error?: Error
  readonly connection?: Connection
}

/** Is told what the dials of a node do, in the turn in which they do it */
export interface DialObserver {
  dialStarted? (dial: ObservedDial): void
  /** The callers have a connection. The dial may go on for a better one */
  dialConnected? (dial: ObservedDial, connection: Connection, at: number): void
  /** The dial has ended, and its connections are settled */
  dialEnded? (dial: ObservedDial): void
  attemptStarted? (attempt: ObservedAttempt, at: number): void
  attemptEnded? (attempt: ObservedAttempt, end: AttemptEnd): void
  /** A stage has dropped a candidate. The stage may let the candidate pass later */
  addressDropped? (dial: ObservedDial, candidate: Candidate, drop: Drop & { readonly stage: string }): void
}

/** Returns the observer of a node. Undefined: nobody looks, and nothing need be made */
export type Observing = () => DialObserver | undefined
