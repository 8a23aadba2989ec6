import type { DialTrace } from '../trace/types.ts'
import type { ConnectionChange } from '../pipeline/convergence.ts'
import type { Drop, Story } from '../pipeline/runtime/story.ts'
import type { AnyStage, Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A dial, as its observers see it. Times are in milliseconds since the epoch */
export interface ObservedDial {
  readonly id: string
  readonly requested: { readonly peer?: string }
  /** The addresses that the callers named */
  readonly multiaddrs: readonly Multiaddr[]
  readonly pipeline: AnyStage
  /** The trace so far, created when this property is read */
  readonly trace: DialTrace
  /** Absent when the dial was ended while it was queued */
  readonly run?: {
    readonly startedAt: number
    readonly endedAt?: number
    readonly connection?: Connection
    readonly error?: Error
    /** Whether something outside ended the dial, such as the signal of its last caller */
    readonly isAborted?: boolean
    readonly story: Pick<Story, 'addresses'>
  }
}

/** An attempt, which several dials of the node may share */
export interface ObservedAttempt {
  readonly candidate: Candidate
  /** The dials that want the attempt now. Empty after a cancellation */
  readonly dials: Iterable<{ readonly id: string, readonly startedAt?: number }>
}

/** The end of an attempt. `cancelled`: no dial wants the attempt any more, or the attempt restarts */
export interface AttemptEnd {
  readonly outcome: 'connected' | 'failed' | 'cancelled'
  /** Time at which the attempt had its slots and the transport began */
  readonly startedAt: number
  readonly firstResponseAt?: number
  readonly endedAt: number
  /** The error of the attempt, or the reason of its cancellation */
  readonly error?: Error
}

/** Gets the steps of a node's dials, synchronously */
export interface DialObserver {
  dialStarted? (dial: ObservedDial): void
  /** Called when the callers have a connection. The dial may linger for a better one */
  dialConnected? (dial: ObservedDial, connection: Connection, at: number): void
  /** Called when the dial has ended, and its connections are yielded or closed */
  dialEnded? (dial: ObservedDial): void
  attemptStarted? (attempt: ObservedAttempt, at: number): void
  attemptEnded? (attempt: ObservedAttempt, end: AttemptEnd): void
  /** Called when a stage has dropped a candidate. The stage may still keep it later */
  addressDropped? (dial: ObservedDial, candidate: Candidate, drop: Drop & { readonly stage: string }): void
  /** Called when new streams to a peer use another connection */
  preferredChanged? (change: ConnectionChange): void
  /** Called when a dial has made a better connection than the one that its callers have */
  connectionAdded? (change: ConnectionChange): void
}

/** Returns the observer of a node. Undefined when nothing observes, so that no detail need be created */
export type Observing = () => DialObserver | undefined
