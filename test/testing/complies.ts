import test from 'ava'
import { compliance } from '../../src/testing/compliance/index.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'

/** Declares a test for each rule. The tests are serial, because one of them replaces the clock of the platform */
export function complies (title: string, make: () => AnyStage, fixture?: ComplianceFixture): void {
  for (const { name, run } of compliance(make, fixture)) {
    test.serial(`${title}: ${name}`, async t => {
      await t.notThrowsAsync(run())
    })
  }
}
