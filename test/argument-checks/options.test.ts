import { inspect } from 'node:util'
import test from 'ava'
import { CHECKED_FUNCTIONS } from './checked-functions.ts'
import { refusalOf } from './refusal.ts'
import { revoked } from './values.ts'

for (const [owner, { make, options, required = {}, defined = Object.keys(required), error = 'InvalidPipelineError' }] of Object.entries(CHECKED_FUNCTIONS)) {
  const refusal = async (given: object): Promise<Error | undefined> => refusalOf(() => make({ ...required, ...given }))

  test(`${owner} throws when its options are not an object`, async t => {
    for (const given of [null, 5, true, new Set(), new Map(), Promise.resolve({}), revoked()]) {
      t.is((await refusalOf(() => make(given)))?.name, error, inspect(given))
    }
  })

  test(`${owner} has exactly the options of the table, and suggests the closest name`, async t => {
    const known = (await refusal({ ofNobody: undefined }))?.message.split('It has: ')[1]?.split(', ') ?? []
    // libp2p reads the other options of the connection manager
    t.deepEqual((owner === 'fromConnectionManagerInit' ? known.slice(0, 4) : known).toSorted(), Object.keys(options).toSorted())

    for (const one of Object.keys(options)) {
      const mistyped = await refusal({ [`${one}s`]: undefined })
      t.is(mistyped?.name, error)
      t.true(mistyped?.message.includes(` has no option "${one}s": did you mean "${one}"?`), mistyped?.message)
    }
  })

  for (const [name, { right, wrong }] of Object.entries(options)) {
    test(`${owner} checks its option ${name}`, async t => {
      for (const value of wrong) {
        const refused = await refusal({ [name]: value })
        t.is(refused?.name, error, inspect(value))
        t.regex(refused?.message ?? '', new RegExp(` as ${name}(\\.dht|\\.dnsaddr)?, not `))
      }

      for (const value of right) {
        t.is(await refusal({ [name]: value }), undefined, inspect(value))
      }

      t.is((await refusal({ [name]: undefined }))?.name, defined.includes(name) ? error : undefined)
    })
  }
}
