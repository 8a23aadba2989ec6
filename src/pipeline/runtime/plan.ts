import type { DialPolicy } from './dial-host.ts'
import type { Part } from './part.ts'
import type { RaceDial, StageDial } from './stage-dial.ts'
import type { StageWork } from './work.ts'
import type { AnyStage, AttemptLayer, Candidate, ConnectedDial, Dial, DialComponents, DialPipelineOptions, List } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** How a stage works. Nobody but the runtime looks at it */
export type Plan = ListPlan | RacePlan | CombinedPlan | BelowPlan | PipelinePlan | WhenPlan | InheritedPlan

/** A list, as stages of this package are asked about it */
export interface AskedList extends List {
  /** All that is known is in flight, and was silent for long: who looks further may begin. The race goes on */
  readonly isSilent?: boolean
}

/** From list to list */
export interface ListPlan {
  readonly kind: 'list'
  /** Begins the stage's part in one run of the pipeline that it stands in */
  begin (dial: StageDial, work: StageWork, state: any): (list: AskedList) => readonly Candidate[]
  /** A dial without this option runs without the stage, which would do nothing */
  readonly onlyWith?: keyof DialPipelineOptions
  /** Makes what the stage keeps for a node */
  readonly perNode?: (node: DialComponents) => unknown
  /** What it is for, where that is known: `advice()` goes by it */
  readonly role?: 'source' | 'filter' | 'rank' | 'limit' | 'expand' | 'pace'
  /** What a ranker compares by: `compliance()` checks that it is an order */
  readonly compare?: (a: Candidate, b: Candidate, dial: Dial) => number
  /** A source that begins when all was tried in vain */
  readonly isLast?: boolean
  /** A source that asks others, whatever is known already */
  readonly isSlow?: boolean
  /** It may wait for as long as a stage above takes to answer */
  readonly isPatient?: boolean
  /** It looks at its list alone: about the same candidates it answers the same */
  readonly isPure?: boolean
  /** What it answers is checked already */
  readonly isTrusted?: boolean
  /**
   * How it counts for relays. Inherited: a relay's dial inherits it from the dial that needs the relay. Own: each dial has only the one of
   * its own pipeline. None: the dial of a relay has none at all
   */
  readonly forRelays: 'inherited' | 'own' | 'none'
}

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
  /** In the pipeline of a node, it has the connections of the node converge */
  readonly converges?: boolean
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
