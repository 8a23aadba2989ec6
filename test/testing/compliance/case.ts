import type { ComplianceFixture } from '../../../src/testing/compliance/types.ts'
import type { AnyStageInit } from '../../../src/pipeline/types.ts'

/** A stage, and the points of the contract that it breaks */
export interface Case {
  name: string
  breaks: readonly number[]
  /** It is so wrong that the suite finds other points broken too */
  andMore?: boolean
  fixture?: ComplianceFixture
  make (): AnyStageInit
}
