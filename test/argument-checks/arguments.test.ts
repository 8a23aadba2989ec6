import { inspect } from 'node:util'
import test from 'ava'
import { ARGUMENTS } from './arguments.ts'
import { refusalOf } from './refusal.ts'

for (const [what, [make, { right, wrong }, error = 'InvalidPipelineError']] of Object.entries(ARGUMENTS)) {
  test(`${what} is checked`, async t => {
    for (const value of wrong) {
      t.is((await refusalOf(() => make(value)))?.name, error, inspect(value))
    }

    for (const value of right) {
      t.is(await refusalOf(() => make(value)), undefined, inspect(value))
    }
  })
}
