import type { DialBarrier } from './dial-barrier.ts'
import type { Attempts } from '../attempts/attempts.ts'
import type { OuterDial } from '../attempts/nested.ts'
import type { TracedDial } from './traced-dial.ts'
import type { ParsedTarget } from './target.ts'
import type { ObservedDial, Observing } from '../../metrics/observer.ts'
import type { DialHost } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate, DialComponents, DialPipelineOptions, DialSettings } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** A dial, as its run sees it */
export interface RunningDial extends OuterDial, Pick<ObservedDial, 'multiaddrs' | 'pipeline' | 'trace'>, Pick<DialHost, 'inherited' | 'isOfPeer' | 'named'> {
  readonly requested: ParsedTarget
  readonly options: DialPipelineOptions
  readonly isWaitingForSlot: boolean
  readonly isListening: boolean
  readonly traced: TracedDial
  reportStart (log: Logger, candidates: readonly Candidate[]): void
}

/** The `connectionManager` settings of a node that concern its dials */
export interface NodeSettings extends DialSettings {
  /** Milliseconds that a caller without a signal waits for a dial, counted from the dial's first attempt slot */
  readonly dialTimeout: number
  readonly maxParallelDials: number
  /** Maximum number of pending dials, including running ones */
  readonly maxDialQueueLength: number
}

/** The parts of a node that its dials share */
export interface DialNode {
  readonly components: DialComponents
  readonly settings: NodeSettings
  readonly attempts: Attempts
  readonly log: Logger
  readonly queueLog: Logger
  readonly barrier?: DialBarrier
  readonly observer: Observing
  /**
   * Called for each connection that a dial yields
   *
   * @param previous the connection that the dial yielded before, which is worse
   * @param isOwn whether an attempt of the dial made the connection
   */
  onConnected (dial: RunningDial, connection: Connection, previous: Connection | undefined, isOwn: boolean): void
  /** Returns whether a dial may linger for a better connection than the one that it has yielded */
  mayLinger (dial: RunningDial): boolean
  /** Called when no address is left and a source is asked for more. A slow answer must not delay other dials */
  onLookingFurther (dial: RunningDial): void
  /** Called when a caller's own signal or timeout has ended its wait */
  onLeave (caller: { readonly dial?: object }, reason: unknown): void
  /** Called when the pipeline has ended. Cancelled attempts may end later */
  onEnded (dial: RunningDial): void
}
