// Replaces @fast-check/ava in a browser
import * as fc from 'fast-check'
import test from './ava.ts'
import type { Assertions } from './assertions.ts'

function testProp (title: string, arbitraries: Array<fc.Arbitrary<unknown>>, property: (t: Assertions, ...values: unknown[]) => unknown, params: fc.Parameters<[unknown[]]> = {}): void {
  test(title, async t => {
    // a property needs at least one arbitrary, and a tuple may be empty
    const all = fc.tuple(...arbitraries)
    await fc.assert(fc.asyncProperty(all, async values => { await property(t, ...values) }), params)
    t.pass()
  })
}

export { fc, test }
const declare = Object.assign(testProp, { serial: testProp })
export { declare as testProp }
