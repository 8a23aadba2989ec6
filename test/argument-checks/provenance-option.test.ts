import { inspect } from 'node:util'
import test from 'ava'
import * as stages from '../../src/stages/index.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { peer } from './values.ts'

for (const given of [null, 'certified', { include: 'certified' }, { includes: ['certified'] }, { exclude: 'user' }, {}, Object.create(null) as object, new Set(['certified']), [1], 1, () => true, ['DHT'], { exclude: ['dth'] }, { include: undefined }]) {
  test(`a dial with provenance: ${inspect(given)} rejects, and nothing is dialled`, async t => {
    const { engine, network } = engineWorld(stages.pipeline(stages.fromCaller(), stages.provenance(), stages.race()), { 1: { connects: 5 } })

    // `any`: a wrong value on purpose, which the check at run time refuses
    await t.throwsAsync(engine.dial(address(1, peer), { provenance: given as any }), { name: 'InvalidParametersError', message: /^The dial option "provenance" / })
    t.deepEqual(network.dialled, [])
  })
}

test('a dial with an invalid provenance neither joins a dial nor gets the open connection', async t => {
  const { engine, clock } = engineWorld(stages.pipeline(stages.fromCaller(), stages.provenance(), stages.race()), { 1: { connects: 5 } })
  const refused = { name: 'InvalidParametersError', message: /write \['user'\]$/ }

  const first = engine.dial(address(1, peer), { provenance: ['user'] })
  // `any`: a wrong value on purpose, which the check at run time refuses
  await t.throwsAsync(engine.dial(address(1, peer), { provenance: 'user' as any }), refused)
  await clock.until(first)
  // `any`: a wrong value on purpose, which the check at run time refuses
  await t.throwsAsync(engine.dial(address(1, peer), { provenance: 'user' as any }), refused)
})

for (const [own, dials] of [[undefined, 1], [['certified'], 0]] as const) {
  test(`a dial with provenance: undefined keeps ${own == null ? 'to no policy' : 'to the policy of the stage'}`, async t => {
    const { engine, clock, network } = engineWorld(stages.pipeline(stages.fromCaller(), own == null ? stages.provenance() : stages.provenance(own), stages.race()), { 1: { refuses: 5 } })

    await t.throwsAsync(clock.until(engine.dial(address(1, peer), { provenance: undefined })), { message: own == null ? /ECONNREFUSED/ : /provenance/ })
    t.is(network.dialled.length, dials)
  })
}

test('a policy of no sources refuses every address', async t => {
  const { engine, clock, network } = engineWorld(stages.pipeline(stages.fromCaller(), stages.provenance(), stages.race()), { 1: { connects: 5 } })

  await t.throwsAsync(clock.until(engine.dial(address(1, peer), { provenance: [] })), { name: 'NoValidAddressesError' })
  t.deepEqual(network.dialled, [])
})
