// stages with `forRelays: false`, and limits of a dial
import test from 'ava'
import { expand, filter, onlyIfNone, pipeline, stage, when } from '../../../src/pipeline/index.ts'
import { byReputation } from '../../../src/stages/by-reputation.ts'
import { unshadowed } from '../../../src/stages/unshadowed.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { publicAddresses } from '../../../src/stages/public-addresses.ts'
import { quota } from '../../../src/stages/quota.ts'
import { race } from '../../../src/stages/race.ts'
import { take } from '../../../src/stages/take.ts'
import { transports } from '../../../src/stages/transports.ts'
import { behindRelay, circuit, node, PRIVATE, PUBLIC, RELAY } from '../behind-relay.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

test('a filter with forRelays: false, or whose when() is false, does not apply to the relay', async t => {
  for (const one of [filter('only-relayed', ({ id }) => id.includes('p2p-circuit'), { forRelays: false }), transports('circuit'), when(() => false, publicAddresses()), expand('nothing-direct', one => one.id.includes('p2p-circuit') ? [one] : [], { forRelays: false }), byReputation(({ id }) => Number(id.includes('p2p-circuit')), { minScore: 1, forRelays: false })]) {
    const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })

    await clock.until(engine.dial(circuit(), { pipeline: pipeline(fromCaller(), one, race()) }))
    t.deepEqual(dialled(), [PRIVATE])
  }
})

const isCircuit = ({ id }: Candidate): boolean => id.includes('p2p-circuit')

for (const [name, one] of Object.entries({
  'transports()': transports('circuit'),
  'a filter that is not for relays': filter('only-relayed', isCircuit, { forRelays: false }),
  'a filter that is not for relays, in when()': when(() => true, filter('only-relayed', isCircuit, { forRelays: false })),
  'such a filter within a pipeline': pipeline(filter('any', () => true), filter('only-relayed', isCircuit, { forRelays: false })),
  'onlyIfNone() that is not for relays': pipeline(onlyIfNone(isCircuit, { forRelays: false }), filter('only-relayed', isCircuit, { forRelays: false })),
  'byReputation() that is not for relays': byReputation(one => isCircuit(one) ? 5 : 1, { minScore: 2, forRelays: false }),
  'a stage written by hand that is not for relays': stage('by-hand', () => ({ candidates }) => candidates.filter(isCircuit), { forRelays: false })
})) {
  test(`${name} in the node's own pipeline applies to a peer dialled directly, and not to a relay`, async t => {
    const { engine, clock, dialled } = behindRelay(pipeline(fromPeerStore(), fromCaller(), one, race()), { stored: [PRIVATE] })

    await t.throwsAsync(clock.until(engine.dial(RELAY)), { name: 'NoValidAddressesError' })
    t.deepEqual(dialled(), [])

    await clock.until(engine.dial(circuit()))
    t.deepEqual(dialled(), [PRIVATE])
  })
}

test('take() in the node\'s own pipeline limits the dial of a relay', async t => {
  const { engine, clock, network, dialled } = behindRelay(pipeline(fromPeerStore(), fromCaller(), take(1), race()), { stored: [PRIVATE, PUBLIC] })
  network.script(PRIVATE, { refuses: 1 })
  await t.throwsAsync(clock.until(engine.dial(circuit())), { name: 'Error' })

  t.deepEqual(dialled(), [PRIVATE])
})

const DEAD = '/ip4/198.41.0.1/tcp/2'
const PLAIN = '/ip4/198.41.0.1/tcp/3'
const SHADOWED = `${PLAIN}/ws`

for (const [name, one, stored] of [
  ['take()', take(1), [DEAD, PUBLIC]],
  ['quota()', quota({ source: { 'peer-store': 1 } }), [DEAD, PUBLIC]],
  ["quota() with excess: 'last'", quota({ source: { 'peer-store': 0 }, excess: 'last' }), Array.from({ length: 26 }, (_, i) => `/ip4/198.41.0.1/tcp/${i + 100}`).concat(PUBLIC)],
  ['unshadowed()', unshadowed(), [PLAIN, SHADOWED]]
] as const) {
  test(`${name} in a dial's own pipeline does not limit the attempts for its relay`, async t => {
    const { engine, clock, network, dialled } = behindRelay(node, { stored: [...stored] })
    stored.forEach(address => { network.script(address, { refuses: 1 }) })
    network.script(stored.at(-1) as string, { connects: 5 })
    await clock.until(engine.dial(circuit(), { pipeline: pipeline(fromCaller(), one, race()) }))

    t.deepEqual(dialled(), stored)
  })
}
