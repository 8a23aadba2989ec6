import type { ComplianceFixture } from '../../../src/testing/compliance/types.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

/** A stage as somebody may write it */
export interface Case {
  readonly name: string
  /** What the suite says is wrong with it. Undefined: nothing is */
  readonly says?: RegExp
  readonly fixture?: ComplianceFixture
  make (): AnyStage
}
