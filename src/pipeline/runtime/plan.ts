import type { Part } from './part.ts'
import type { StageDial } from './stage-dial.ts'
import type { DialPolicy } from './dial-host.ts'
import type { RaceDial } from './race-dial.ts'
import type { AnyStage, AttemptLayer, ConnectedDial, Dial, DialComponents } from '../types.ts'
import type { Connection } from '@libp2p/interface'
import type { ListPlan } from './list-plan.ts'

/** How a stage works. Nobody but the runtime looks at it */
export type Plan = ListPlan | RacePlan | CombinedPlan | BelowPlan | PipelinePlan | WhenPlan | InheritedPlan

/** From list to connections */
export interface RacePlan {
  readonly kind: 'race'
  connect (dial: RaceDial): AsyncGenerator<Connection>
}

/** Runs pipelines that yield connections, one after another */
export interface CombinedPlan {
  readonly kind: 'combined'
  readonly pipelines: readonly AnyStage[]
  connect (alternatives: readonly Alternative[], dial: StageDial): AsyncGenerator<Connection>
}

/** One of the pipelines of a combinator */
export type Alternative = (part: Part) => AsyncGenerator<Connection>

/** From connections to connections */
export interface BelowPlan {
  readonly kind: 'below'
  run (connections: AsyncIterable<Connection>, dial: ConnectedDial, state: any): AsyncIterable<Connection>
  readonly perNode?: (node: DialComponents) => unknown
  /** Put around each attempt that stages above make, the outermost first */
  readonly layers?: (state: any, stage: AnyStage) => readonly AttemptLayer[]
  readonly isTrusted?: boolean
}

export interface PipelinePlan {
  readonly kind: 'pipeline'
  readonly stages: readonly AnyStage[]
}

export interface WhenPlan {
  readonly kind: 'when'
  readonly predicate: (dial: Dial) => boolean
  readonly stage: AnyStage
}

/** The filters of another dial */
export interface InheritedPlan {
  readonly kind: 'inherited'
  readonly policy: DialPolicy
}
