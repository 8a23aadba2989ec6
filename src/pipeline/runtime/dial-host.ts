import { AbortError } from '@libp2p/interface'
import type { Connection, Logger } from '@libp2p/interface'
import type { AnyStage, Candidate, DialComponents, DialPipelineOptions } from '../types.ts'
import type { LiveTarget } from './live-target.ts'
import type { Drop, Story } from './story.ts'

/** The requester of an attempt. Its methods are called in the same turn of the event loop as the event */
export interface AttemptListener {
  /** The attempt waits for the gater, or for a slot that other addresses of the dial do not need */
  onHeld (): void
  /** A layer around the attempt makes it wait, or lets it begin */
  onLayerWait? (isWaiting: boolean): void
  /** The attempt has a slot, and waits for a turn of the event loop */
  onSlot? (): void
  /** The attempt has a slot, and the transport begins */
  onStart (at: number): void
  onFirstResponse (at: number): void
  /** The transport has emitted a progress event of this type */
  onMark (type: string, at: number): void
  onConnected (connection: Connection): void
  /** The attempt has failed. After some errors it may begin again: see `isRestart()` */
  onFailed (error: Error): void
}

/** The filters that an address has passed, and the dial options that they read: what the dials of its transport inherit */
export interface DialPolicy {
  readonly stages: readonly AnyStage[]
  /**
   * The filters above the source of the address. They apply to all addresses of the relay except the one that the source gave. Of the filters of the
   * node's own pipeline only those that read options do, because the relay's dial runs that pipeline without these options
   */
  readonly bypassed?: readonly AnyStage[]
  readonly options: DialPipelineOptions
}

/** Returns the policy of an attempt. Called only if its transport dials in turn, or may do so */
export interface PolicySource {
  policyOf (candidate: Candidate): DialPolicy
}

export interface BegunAttempt {
  /** Cancels the attempt: the listener is not called any more, and a connection that still arrives is closed */
  cancel (reason: Error): void
}

/** The node's verdict on an address, independent of the pipeline: see `Judgements` */
export interface AddressJudge {
  whyNotDialable (candidate: Candidate): string | undefined
  gate (candidate: Candidate): boolean | Promise<boolean>
}

/** The services of the node's engine for one dial */
export interface DialHost {
  readonly node: DialComponents
  readonly log: Logger
  readonly options: DialPipelineOptions
  /** The options that stages see, declared or not. Default: each stage sees libp2p's options, and those that it declares */
  readonly shownOptions?: DialPipelineOptions
  readonly target: LiveTarget
  /** The ids of the candidates that each caller named; empty for a caller who passed the peer only. Default: the dial has had one caller */
  readonly named?: ReadonlyArray<ReadonlySet<string>>
  /** Whether a caller named only the peer, also if others named addresses. Default: false */
  readonly isOfPeer?: boolean
  readonly story: Story
  readonly judgements: AddressJudge
  dropped? (candidate: Candidate, drop: Drop & { readonly stage: string }): void
  /** Begins an attempt. The listener learns of its end only after this call has returned */
  attempt (candidate: Candidate, listener: AttemptListener, policies: PolicySource, transport?: Readonly<Record<string, unknown>>): BegunAttempt
  /** Returns whether a source may be asked now. Default: true. @param isLast whether the source is asked because every attempt has failed */
  mayAsk? (stage: string, isLast: boolean): boolean
  /** The things that the dial waits for: the names of pending stages, of a stage below a race that has a connection, the gater, a slot. Default: nothing */
  readonly awaited?: readonly string[]
  /** The filters that the dial inherits from the dial that it is made for */
  readonly inherited?: readonly AnyStage[]
  /** Whether the dial connects to a relay for another dial */
  readonly isOfRelay?: boolean
  /** Called when a race has pulled a list. Callers whose addresses come after the last pull get a dial of their own */
  onListPulled (list: MadeList, lists: PendingWork): void
  /** Returns whether a connection that the dial has not made may answer it. Default: true */
  mayAnswer? (connection: Connection): boolean
  /** Ends the dial with the kept connection, which skips the stages below the race. Returns whether there was one. Default: false */
  answerProvisionally? (): boolean
  discard (connection: Connection): void
}

/**
 * The call of a race that may start nothing more:
 *
 * - `held`: all attempts in flight are silent. A stage that only delays candidates releases them
 * - `further`: they have been silent for a second longer. A source that searches further begins
 * - `last`: all attempts have failed
 */
export type RaceCall = 'held' | 'further' | 'last'

export interface MadeList {
  readonly candidates: readonly Candidate[]
  /** Whether no pending work of a stage may add a candidate, or release one */
  readonly complete: boolean
  /** Whether no stage has pending work: nothing changes the order either */
  readonly isSettled: boolean
  /** Whether only a source that searches further, because every attempt has failed, keeps the list incomplete */
  readonly isLookingFurther: boolean
}

/** The pending work of a dial's lists, for the error of a dial that has timed out */
export interface PendingWork {
  /** The names of the stages with pending work */
  readonly awaited: string[]
  /** For the id of each held candidate, the name of the stage that has neither passed nor dropped it */
  readonly held: ReadonlyMap<string, string>
}

/** The words that introduce what a dial waits for, in errors and in `explain()` */
export const STILL_WAITING = 'still waiting for'

/** The progress event of WebRTC when the relayed connection for its signalling is open */
export const SIGNALING = 'webrtc:open-signaling-stream'

/** The error of an attempt that begins again in another network. Shared: creating an Error costs more than the rest of the cancellation */
export const RESTARTED = new AbortError('The network has changed: the attempt starts again')

/** The error of an attempt that released its prefix slots to others, and begins again behind them */
export const PREFIX_SLOTS_LEFT = new AbortError('Others wait for the slot: the attempt starts again behind them')

/** The error of an attempt that the gater allowed late, and that begins again: others may be in flight now */
export const ALLOWED_LATE = new AbortError('The connection gater has allowed the address: the attempt starts again at the pace of its race')

/** Returns whether an attempt ended without an outcome, to begin again */
export function isRestart (error: unknown): error is Error {
  return error === RESTARTED || error === PREFIX_SLOTS_LEFT || error === ALLOWED_LATE
}
