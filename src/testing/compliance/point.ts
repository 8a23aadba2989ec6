import type { Harness } from './harness.ts'
import type { AnyStage } from '../../pipeline/types.ts'

/** A rule of the stage contract */
export interface Point {
  readonly title: string
  readonly holdsFor: (stage: AnyStage) => boolean
  /** @throws Violation if the stage breaks the rule */
  readonly check: (harness: Harness) => Promise<void>
}

export const makesLists = ({ yields }: AnyStage): boolean => yields === 'candidates'
export const passesConnections = ({ accepts }: AnyStage): boolean => accepts.connections === true
export const anyStage = (): boolean => true
