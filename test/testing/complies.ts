import test from 'ava'
import { compliance } from '../../src/testing/compliance/index.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'

/** A test for each point. Serial, because one of them looks at the platform's clock */
export function complies (title: string, make: () => AnyStage, fixture?: ComplianceFixture): void {
  for (const { name, run } of compliance(make, fixture)) {
    test.serial(`${title}: ${name}`, async t => {
      await t.notThrowsAsync(run())
    })
  }
}
