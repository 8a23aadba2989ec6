import type { StageDial } from './stage-dial.ts'
import type { StageWork } from './work.ts'
import type { Answer, Candidate, Dial, DialComponents } from '../types.ts'

/** From list to list */
export interface ListPlan {
  readonly kind: 'list'
  /** Begins the stage's part in one run of the pipeline that it stands in */
  begin (dial: StageDial, work: StageWork, state: any): Answer
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
