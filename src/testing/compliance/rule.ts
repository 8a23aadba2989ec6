import type { Bench } from './bench.ts'
import type { AnyStage } from '../../pipeline/types.ts'

/** One thing that stages have to keep to */
export interface Point {
  readonly title: string
  readonly holdsFor: (stage: AnyStage) => boolean
  /** @throws Violation */
  readonly check: (bench: Bench) => Promise<void>
}

/** What a stage did that it must not do */
export class Violation extends Error {
  static override name = 'Violation'

  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Violation'
  }
}

/** @throws Violation unless it holds */
export function expect (holds: boolean, otherwise: string): asserts holds {
  if (!holds) {
    throw new Violation(otherwise)
  }
}

export const makesLists = ({ yields }: AnyStage): boolean => yields === 'candidates'
export const passesConnections = ({ accepts }: AnyStage): boolean => accepts.connections === true
export const connects = (stage: AnyStage): boolean => !makesLists(stage) && !passesConnections(stage)
export const anyStage = (): boolean => true
