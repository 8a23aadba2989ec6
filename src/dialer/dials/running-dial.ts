import type { OuterDial } from '../attempts/nested.ts'
import type { ParsedTarget } from './target.ts'
import type { AnyStage, Candidate, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the run of a dial takes of it */
export interface RunningDial extends OuterDial {
  readonly requested: ParsedTarget
  /** Those of all callers */
  readonly multiaddrs: readonly Multiaddr[]
  readonly options: DialPipelineOptions
  /** It wants slots, and has had none */
  readonly isWaitingForSlot: boolean
  readonly pipeline: AnyStage
  /** The filters that a dial inherits which is made for others */
  readonly inherited?: readonly AnyStage[]
  /** The identities of what each caller has named, where it has had several */
  readonly named?: ReadonlyArray<ReadonlySet<string>>
  /** Tells which addresses the dial has */
  tellStart (log: Logger, candidates: readonly Candidate[]): void
}
