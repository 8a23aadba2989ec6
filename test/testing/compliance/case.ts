import type { ComplianceFixture } from '../../../src/testing/compliance/types.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

/** A stage as a user may write it */
export interface Case {
  readonly name: string
  /** The expected failure. Undefined: the stage complies */
  readonly says?: RegExp
  readonly fixture?: ComplianceFixture
  make (): AnyStage
}
