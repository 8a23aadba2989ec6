import test from 'ava'
import { candidate, filter, pipeline, source } from '../../../src/pipeline/index.ts'
import { byReputation } from '../../../src/stages/by-reputation.ts'
import { certified } from '../../../src/stages/certified.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { circuit, dialBehindRelay, node, PEER, PRIVATE, PUBLIC } from '../behind-relay.ts'

const signed = (relayAddress: string): any => source('signed', () => [candidate(circuit(relayAddress), PEER, { isCertified: true, provenance: [{ source: 'certified', seq: 1n }] })])

test('certified() accepts the relay in a certified relayed address', async t => {
  t.deepEqual(await dialBehindRelay(pipeline(signed(PUBLIC), fromCaller(), certified(), race()), { target: PEER }), { isConnected: true, dialled: [PUBLIC] })
})

test('the relay\'s address in a relayed address has the source of that address', async t => {
  const named = source('routing', () => [circuit(PRIVATE)])
  const whole = pipeline(named, fromCaller(), provenance(), race())

  for (const include of [['user'], ['certified'], ['user', 'dialled']]) {
    t.deepEqual(await dialBehindRelay(whole, { stored: [], target: PEER, options: { provenance: include } }), { isConnected: false, dialled: [] })
  }

  t.deepEqual(await dialBehindRelay(whole, { stored: [], target: PEER, options: { provenance: ['routing'] } }), { isConnected: true, dialled: [PRIVATE] })
})

for (const [name, one, options] of [
  ['provenance() with the dial option', provenance(), { provenance: ['user'] }],
  ['provenance()', provenance({ include: ['user'] }), {}],
  ['a filter within a pipeline', pipeline(filter('all', () => true), filter('users', ({ provenance }) => provenance.some(({ source }) => source === 'user'))), {}],
  ['byReputation() with a minScore', byReputation(({ provenance }) => provenance.some(({ source }) => source === 'user') ? 1 : 0, { minScore: 1 }), {}]
] as const) {
  test(`${name} applies to the stored addresses of a relay`, async t => {
    t.deepEqual(await dialBehindRelay(node, { stored: [PUBLIC], options: { pipeline: pipeline(fromCaller(), one, race()), ...options } }), { isConnected: false, dialled: [] })
  })
}

test('a provenance() stage above fromCaller() does not judge the relay in the caller\'s address', async t => {
  const own = pipeline(fromPeerStore(), provenance(), fromCaller(), race())

  for (const whole of [node, pipeline(fromCaller(), fromPeerStore(), provenance(), race())]) {
    t.deepEqual(await dialBehindRelay(whole, { stored: [PRIVATE], target: circuit(PUBLIC), options: { pipeline: own, provenance: ['certified'] } }), { isConnected: true, dialled: [PUBLIC] })
  }
})
