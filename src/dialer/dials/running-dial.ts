import type { DialBarrier } from './dial-barrier.ts'
import type { OpenConnections } from './existing.ts'
import type { Attempts } from '../attempts/attempts.ts'
import type { OuterDial } from '../attempts/nested.ts'
import type { TracedDial } from './traced-dial.ts'
import type { ParsedTarget } from './target.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Observing } from '../../metrics/observer.ts'
import type { AnyStage, Candidate, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the run of a dial takes of it */
export interface RunningDial extends OuterDial {
  readonly requested: ParsedTarget
  /** Those of all callers */
  readonly multiaddrs: readonly Multiaddr[]
  readonly options: DialPipelineOptions
  /** The dial wants slots, and has had none */
  readonly isWaitingForSlot: boolean
  readonly pipeline: AnyStage
  /** The filters that a dial inherits which is made for others */
  readonly inherited?: readonly AnyStage[]
  /** The identities of what each caller has named, where it has had several */
  readonly named?: ReadonlyArray<ReadonlySet<string>>
  /** Whether a caller listens to the progress of the dial */
  readonly isListening: boolean
  readonly traced: TracedDial
  readonly trace: DialTrace
  /** Tells which addresses the dial has */
  reportStart (log: Logger, candidates: readonly Candidate[]): void
}

/** The parts of a node that its dials share */
export interface DialNode {
  readonly components: DialComponents
  readonly attempts: Attempts
  readonly connections: OpenConnections
  readonly log: Logger
  /** Under the name of libp2p's own dialer */
  readonly queueLog: Logger
  /** Where dials wait while the node has yet to read what it knows */
  readonly barrier: DialBarrier
  readonly observer: Observing
  /** The pipeline of a dial has yielded a connection. `previous` is the one that it had yielded before: the new one is better */
  onConnected (dial: RunningDial, connection: Connection, previous: Connection | undefined): void
  /** Returns whether a dial that wants to may go on for a better connection than the one that it has yielded */
  mayLinger (dial: RunningDial): boolean
  /** Nothing is left to dial, and a source is asked for more: a slow answer keeps no other dial waiting */
  onLookingFurther (dial: RunningDial): void
  /** The pipeline has ended; attempts that lost may still be on their way out */
  onEnded (dial: RunningDial): void
}
