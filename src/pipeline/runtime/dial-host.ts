import { AbortError } from '@libp2p/interface'
import type { Connection, Logger } from '@libp2p/interface'
import type { AnyStage, Candidate, DialComponents, DialPipelineOptions } from '../types.ts'
import type { LiveTarget } from './live-target.ts'
import type { Drop, Story } from './story.ts'

/** Whoever asks for an attempt. It is told what happens in the same turn */
export interface AttemptListener {
  /** The attempt waits for the gater, or for a slot that other addresses of the dial do not need */
  onHeld (): void
  /** It has its slot, and waits for a turn of the event loop */
  onSlot? (): void
  /** It has its slot, and the transport begins */
  onStart (at: number): void
  /** The remote was first heard of */
  onFirstResponse (at: number): void
  /** The transport has told something, by the type of the event */
  onMark (type: string, at: number): void
  onConnected (connection: Connection): void
  /** The attempt has failed. After some errors it may begin anew: see `isRestart()` */
  onFailed (error: Error): void
}

/** What an attempt may do: the filters that its address has passed, and the dial options that they read */
export interface DialPolicy {
  readonly stages: readonly AnyStage[]
  /**
   * The filters above the source of the address. In a dial with a pipeline of its own, they hold for all addresses of a relay but the one
   * that the source gave
   */
  readonly bypassed?: readonly AnyStage[]
  readonly options: DialPipelineOptions
}

/** Says what an attempt may do: asked only where its transport dials in turn, or may */
export interface PolicySource {
  policyOf (candidate: Candidate): DialPolicy
}

/** An attempt that has begun */
export interface BegunAttempt {
  /** Ends it: the listener is told nothing more, and a connection that comes all the same is closed */
  cancel (reason: Error): void
}

/** What the node says of each address, whatever stages do: see `Judgements` */
export interface AddressJudge {
  whyNotDialable (candidate: Candidate): string | undefined
  gate (candidate: Candidate): boolean | Promise<boolean>
}

/** What the engine of a node does for a dial */
export interface DialHost {
  readonly node: DialComponents
  readonly log: Logger
  readonly options: DialPipelineOptions
  /** A stage sees options that it does not declare */
  readonly showsAllOptions?: boolean
  readonly target: LiveTarget
  /** The identities of what each caller has named: none of one who named the peer alone. Default: the dial has had one caller */
  readonly named?: ReadonlyArray<ReadonlySet<string>>
  readonly story: Story
  readonly judgements: AddressJudge
  /** A stage has dropped a candidate */
  dropped? (candidate: Candidate, drop: Drop & { readonly stage: string }): void
  /** Begins an attempt. The listener is told of its end in a later turn */
  attempt (candidate: Candidate, listener: AttemptListener, policies: PolicySource, transport?: Readonly<Record<string, unknown>>): BegunAttempt
  /** Whether a source may be asked now. Default: it may. @param isLast the source is asked when all else was tried in vain */
  mayAsk? (stage: string, isLast: boolean): boolean
  /** What stands above each race, where the dial is made for others */
  readonly inherited?: readonly AnyStage[]
  /** The dial connects to a relay, for another dial */
  readonly isOfRelay?: boolean
  /** A race has looked at the newest of its lists. Callers whose addresses come after the last look have not had their dial */
  looked (list: MadeList, lists: Awaited): void
  /** Whether a connection that the dial has not made may be its answer. Default: it may */
  mayAnswer? (connection: Connection): boolean
  /** Ends the dial with the connection that is kept, which no stage below the race is shown. Default: it goes on */
  settleForKept? (): boolean
  discard (connection: Connection): void
}

/** A list as the runtime hands it down */
export interface MadeList {
  readonly candidates: readonly Candidate[]
  readonly complete: boolean
  /** It is complete but for what a source looks for because all else was tried in vain */
  readonly isLookingFurther: boolean
}

/** The lists of a dial, as far as one that ran out of time asks about them */
export interface Awaited {
  /** The stages that have something pending, by name */
  readonly awaited: string[]
  /** The stages that have let a candidate neither pass nor go, by its identity */
  readonly held: ReadonlyMap<string, string>
}

/** The progress event of WebRTC once the relayed connection that it is negotiated over is open */
export const SIGNALING = 'webrtc:open-signaling-stream'

/** Why an attempt ended that is to begin anew. Shared: creating an Error costs more than the rest of a cancellation */
export const RESTARTED = new AbortError('The network has changed: the attempt begins anew')

/** The same of an attempt that left its place to others */
export const PLACE_LEFT = new AbortError('Others wait for the place: the attempt begins anew behind them')

/** The same of an attempt that the connection gater has allowed after a while: others may be in flight */
export const ALLOWED_LATE = new AbortError('The connection gater has allowed the address: the attempt begins anew at the pace of its race')

/** Whether an attempt ended without an outcome, to begin anew */
export function isRestart (error: unknown): error is Error {
  return error === RESTARTED || error === PLACE_LEFT || error === ALLOWED_LATE
}
