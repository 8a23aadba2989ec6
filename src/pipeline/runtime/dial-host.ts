import type { LiveTarget } from './live-target.ts'
import type { Story } from './story.ts'
import type { AnyStage, AttemptOptions, Candidate, DialComponents, DialPipelineOptions } from '../types.ts'
import type { Clock } from '../clock.ts'
import type { DialPolicy } from '../dial-policy.ts'
import type { MadeList } from './lists.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** What the engine of a node does for a dial */
export interface DialHost {
  readonly node: DialComponents
  readonly clock: Clock
  readonly log: Logger
  readonly options: DialPipelineOptions
  /** The options as one stage sees them. Default: `declaredOptions()` */
  optionsOf? (stage: string, declared: readonly string[]): DialPipelineOptions
  /** The node's `addressDialTimeout`, in milliseconds */
  readonly timeout: number
  readonly target: LiveTarget
  readonly story: Story
  /** Calls `onStart` when a slot was granted. Leaves without a trace when the signal aborts */
  readonly attempt: (candidate: Candidate, options: AttemptOptions, policy: DialPolicy) => Promise<Connection>
  /** What stands above each race, where the dial is made for others */
  readonly inherited?: readonly AnyStage[]
  /** The dial connects to a relay, for another dial */
  readonly isOfRelay?: boolean
  /** A race has looked at the newest list. Callers whose addresses come after the last look have not had their dial */
  looked (list: MadeList): void
  /** Connections after the first are wanted */
  linger (): void
  /** A connection is the answer where none better comes in time */
  keep (connection: Connection): void
  discard (connection: Connection): void
  whyNotDialable (candidate: Candidate): string | undefined
  gate (candidate: Candidate): boolean | Promise<boolean>
}
