import type { DialPolicy, RaceCall } from './dial-host.ts'
import type { Part } from './part.ts'
import type { RaceDial, StageDial } from './stage-dial.ts'
import type { StageWork } from './work.ts'
import type { AnyStage, AttemptLayer, Candidate, ConnectedDial, Dial, DialComponents, DialPipelineOptions, List } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** How a stage works. Only the runtime reads it */
export type Plan = ListPlan | RacePlan | CombinedPlan | BelowPlan | PipelinePlan | WhenPlan | InheritedPlan

/** The list that stages of this package receive */
export interface AskedList extends List {
  /** Undefined: the race only asks for the newest list */
  readonly call?: RaceCall
}

/** From list to list */
export interface ListPlan {
  readonly kind: 'list'
  /** Begins the stage in one run of its pipeline */
  begin (dial: StageDial, work: StageWork, state: any): (list: AskedList) => readonly Candidate[]
  /** A dial without this option skips the stage, which would have no effect */
  readonly onlyWith?: keyof DialPipelineOptions
  /** Creates the state that the stage keeps for a node */
  readonly perNode?: (node: DialComponents) => unknown
  /** The purpose of the stage, for `advice()` */
  readonly role?: 'source' | 'filter' | 'rank' | 'limit' | 'expand' | 'pace'
  /** The comparator of a ranker: `compliance()` checks that it is a consistent order */
  readonly compare?: (a: Candidate, b: Candidate, dial: Dial) => number
  /** Whether it is a source that begins when every attempt has failed */
  readonly isLast?: boolean
  /** Whether it is a source that always asks other peers or services */
  readonly isSlow?: boolean
  /** Whether it may wait for as long as a stage above takes to answer */
  readonly isPatient?: boolean
  /** Whether its answer depends on the candidates of the list alone */
  readonly isPure?: boolean
  /** Whether its answers need no check */
  readonly isTrusted?: boolean
  /**
   * How the stage counts for the dial of a relay. `inherited`: the dial runs it from its own pipeline, and from that of the dial that needs the
   * relay. `own`: only from its own pipeline. `none`: not at all
   */
  readonly forRelays: 'inherited' | 'own' | 'none'
}

/** From list to connections */
export interface RacePlan {
  readonly kind: 'race'
  connect (dial: RaceDial): AsyncGenerator<Connection>
}

/** Runs pipelines that yield connections */
export interface CombinedPlan {
  readonly kind: 'combined'
  readonly pipelines: readonly AnyStage[]
  connect (alternatives: readonly Alternative[], dial: StageDial): AsyncGenerator<Connection>
}

/** A pipeline of a combinator */
export type Alternative = (part: Part) => AsyncGenerator<Connection>

/** From connections to connections */
export interface BelowPlan {
  readonly kind: 'below'
  run (connections: AsyncIterable<Connection>, dial: ConnectedDial, state: any): AsyncIterable<Connection>
  readonly perNode?: (node: DialComponents) => unknown
  /** Returns the layers around each attempt of the stages above, outermost first */
  readonly layers?: (state: any, stage: AnyStage) => readonly AttemptLayer[]
  /** Whether it makes the connections of the node converge when it is in the node's pipeline */
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
