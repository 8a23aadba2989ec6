import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { candidate, filter, onlyIfNone, pipeline, stage } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { race } from '../../../src/stages/race.ts'
import { behindRelay, circuit, dialBehindRelay, node, PRIVATE, PUBLIC, RELAY } from '../behind-relay.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

const carefulWith = (name: string, value: unknown): any => filter('careful', ({ id }, { options }) => Reflect.get(options, name) !== value || !id.startsWith('/ip4/10.'))

for (const [name, value] of Object.entries({ force: true, initiator: false, runOnLimitedConnection: true })) {
  test(`an inherited filter reads "${name}" of the outer dial without declaring it`, async t => {
    const whole = pipeline(fromPeerStore(), fromCaller(), carefulWith(name, value), race())
    t.deepEqual(await dialBehindRelay(whole, { stored: [PRIVATE], options: { [name]: value } }), { isConnected: false, dialled: [] })

    const { engine, clock } = behindRelay(whole, { stored: [PRIVATE] })
    const [strict, loose] = await clock.until(Promise.allSettled([{ [name]: value }, {}].map(async options => engine.dial(circuit(), options))))
    t.is(strict?.status, 'rejected')
    t.is(loose?.status, 'fulfilled')
  })
}

test('an inherited filter reads priority and trace of the outer dial', async t => {
  for (const [name, value] of Object.entries({ priority: 99, trace: {} })) {
    t.deepEqual(await dialBehindRelay(pipeline(fromPeerStore(), fromCaller(), carefulWith(name, value), race()), { stored: [PRIVATE], options: { [name]: value } }), { isConnected: false, dialled: [] })
  }
})

const ofUser = ({ provenance }: Candidate): boolean => provenance.some(({ source }) => source === 'user')

for (const [holds, one] of [[true, onlyIfNone(ofUser)], [false, onlyIfNone(ofUser, { forRelays: false })]] as const) {
  test(`onlyIfNone() ${holds ? 'applies' : 'with forRelays: false does not apply'} to the stored addresses of a relay`, async t => {
    const { engine, clock, network, dialled } = behindRelay(node, { stored: [PRIVATE] })
    network.script(PUBLIC, { refuses: 5 })
    const isReached = await clock.until(engine.dial(circuit(PUBLIC), { pipeline: pipeline(fromCaller(), one, race()) }).then(() => true, () => false))

    t.is(isReached, !holds)
    t.deepEqual(dialled(), holds ? [PUBLIC] : [PUBLIC, PRIVATE])
  })
}

test('onlyIfNone() keeps all stored addresses of a relay when none is preferred', async t => {
  t.deepEqual(await dialBehindRelay(node, { stored: [PRIVATE], options: { pipeline: pipeline(fromCaller(), onlyIfNone(ofUser), race()) } }), { isConnected: true, dialled: [PRIVATE] })
})

test('a hand-written stage can drop candidates of the relay, and cannot add any', async t => {
  const other = candidate(multiaddr(`/ip4/198.41.0.9/tcp/1/p2p/${RELAY}`))
  const both = stage('both', ({ target }) => ({ candidates }) => {
    const kept = candidates.filter(({ id }) => !id.startsWith(PRIVATE))

    return target.peerId?.equals(RELAY) === true ? [...kept, other] : kept
  })
  t.deepEqual(await dialBehindRelay(node, { stored: [PRIVATE], options: { pipeline: pipeline(fromCaller(), both, race()) } }), { isConnected: false, dialled: [] })
})

test('a hand-written stage that returns undefined for the relay is named in the error', async t => {
  // `any`: a wrong value on purpose, which the check at run time refuses
  const odd = stage('odd', ({ target }) => ({ candidates }) => target.peerId?.equals(RELAY) === true ? undefined as any : candidates)

  for (const whole of [pipeline(fromCaller(), odd, race()), pipeline(fromPeerStore(), odd, fromCaller(), race())]) {
    const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })
    await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: whole })), { name: 'InvalidStageOutputError', message: /^Stage "odd" answered undefined/ })
    t.deepEqual(dialled(), [])
  }
})
