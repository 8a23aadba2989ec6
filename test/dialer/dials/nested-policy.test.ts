import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { fallback, filter, pipeline, retry, source, stage, timeout, when } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { publicAddresses } from '../../../src/stages/public-addresses.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { transports } from '../../../src/stages/transports.ts'
import { verify } from '../../../src/stages/verify.ts'
import { behindRelay, circuit, dialBehindRelay, node, PEER, PRIVATE, PUBLIC, RELAY, RELAYS } from '../behind-relay.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'

const publicly = pipeline(fromCaller(), publicAddresses(), race())
const byOption = filter('by-option', ({ multiaddr }, { options }) => (options as any).allow?.has(multiaddr.toString().split('/p2p')[0]) ?? true, { options: ['allow'] })

for (const [how, handsOn] of [['all its options', undefined], ['its signal alone', ({ signal }: any) => ({ signal })]] as const) {
  test(`the filters of a dial apply to its relay when the transport passes on ${how}`, async t => {
    t.deepEqual(await dialBehindRelay(node, { stored: [PRIVATE, PUBLIC], handsOn, options: { pipeline: publicly } }), { isConnected: true, dialled: [PUBLIC] })
  })

  test(`a relay without an allowed address is not dialled when the transport passes on ${how}`, async t => {
    t.deepEqual(await dialBehindRelay(node, { stored: [PRIVATE], handsOn, options: { pipeline: publicly } }), { isConnected: false, dialled: [] })
  })
}

for (const [where, whole] of Object.entries<DialPipeline>({
  'above a fallback': pipeline(fromCaller(), publicAddresses(), fallback(race(), race())),
  'in a branch of a fallback': pipeline(fromCaller(), fallback(pipeline(publicAddresses(), race()), pipeline(publicAddresses(), race()))),
  'in a retry': pipeline(fromCaller(), retry(pipeline(publicAddresses(), race()), { retries: 1, delay: 1 })),
  'in a timeout': pipeline(fromCaller(), timeout(1_000, pipeline(publicAddresses(), race()))),
  'in a pipeline of filters': pipeline(fromCaller(), pipeline(filter('any', () => true), publicAddresses()), race()),
  'in when()': pipeline(fromCaller(), when(() => true, publicAddresses()), race()),
  'written by hand': pipeline(fromCaller(), stage('by-hand', () => ({ candidates }) => candidates.filter(({ id }) => !id.startsWith('/ip4/10.'))), race())
})) {
  test(`a filter ${where} applies to the relay`, async t => {
    t.deepEqual(await dialBehindRelay(node, { stored: [PRIVATE], options: { pipeline: whole } }), { isConnected: false, dialled: [] })
  })
}

test('when() gets the same answer for the relay as for the outer dial, also in the node\'s own pipeline', async t => {
  const onlyPublic = when(({ target }) => target.peerId?.equals(PEER) === true, publicAddresses())

  for (const whole of [pipeline(fromPeerStore(), fromCaller(), onlyPublic, race()), pipeline(fromPeerStore(), pipeline(fromCaller(), onlyPublic), race())]) {
    const { engine, clock, dialled } = behindRelay(whole, { stored: [PRIVATE] })
    await t.throwsAsync(clock.until(engine.dial(circuit())), { name: 'NoValidAddressesError' })
    t.deepEqual(dialled(), [])

    await clock.until(engine.dial(multiaddr(`/p2p/${RELAY}/p2p-circuit/p2p/${await newPeer()}`)))
    t.deepEqual(dialled(), [PRIVATE])
  }
})

test('sources, ranks and stages below the race do not apply to the relay', async t => {
  const own = source('own', () => [multiaddr(`/ip4/203.0.113.9/tcp/9/p2p/${PEER}`)])
  const ofPeer = verify(({ remotePeer }) => remotePeer.equals(PEER))
  t.deepEqual(await dialBehindRelay(pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), race(), ofPeer), { options: { pipeline: pipeline(fromCaller(), own, transports('circuit'), race()) } }), { isConnected: true, dialled: [PUBLIC] })
})

test('stored addresses of a relay are dialled in addition to the one in the address', async t => {
  const { engine, clock, network, dialled } = behindRelay(node, { stored: [PUBLIC] })
  network.script('/ip4/203.0.113.1/tcp/1', { refuses: 5 })
  await clock.until(engine.dial(circuit('/ip4/203.0.113.1/tcp/1')))

  t.deepEqual(dialled(), ['/ip4/203.0.113.1/tcp/1', PUBLIC])
})

test('a relayed dial uses an open connection to its relay, although its pipeline would drop the address', async t => {
  const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })
  await clock.until(engine.dial(RELAY))
  await clock.until(engine.dial(circuit(), { pipeline: publicly }))

  t.deepEqual(dialled(), [PRIVATE])
})

for (const [by, strict, loose] of [
  ['pipeline', { pipeline: publicly }, { pipeline: pipeline(fromCaller(), race()) }],
  ['an option of the application', { allow: new Set(['', PUBLIC]) }, {}]
] as const) {
  test(`a strict and a loose dial of one relayed address by ${by} each follow their own policy`, async t => {
    const whole = pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), byOption, race())

    for (const order of [[strict, loose], [loose, strict]]) {
      const { engine, clock, dialled } = behindRelay(whole, { stored: [PRIVATE] })
      const results = await clock.until(Promise.allSettled(order.map(async options => engine.dial(circuit(), options as object))))

      t.is(results[order.indexOf(loose)]?.status, 'fulfilled')
      t.is(results[order.indexOf(strict)]?.status, 'rejected')
      t.deepEqual(dialled(), [PRIVATE])
      t.is(engine.dials.running.size, 0)
    }
  })
}

test('dials of one policy share the attempt at a relayed address and the dial of its relay', async t => {
  const { engine, clock, dialled } = behindRelay(node)
  const both = await clock.until(Promise.all([engine.dial(circuit()), engine.dial(circuit(), { force: true })]))

  t.is(both[0], both[1])
  t.deepEqual(dialled(), [PUBLIC])
})

test('the filters of a dial apply to the relay even when the node\'s pipeline is replaced meanwhile', async t => {
  let isReplaced = false
  const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })
  const onProgress = ({ type }: { type: string }): void => {
    if (type === 'dial-queue:add-to-dial-queue' && dialled().length === 0 && engine.dials.running.size > 0) {
      engine.pipelines.current = pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), race())
      isReplaced = true
    }
  }

  await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: publicly, onProgress: onProgress as any })), { name: 'NoValidAddressesError' })
  t.true(isReplaced)
  t.deepEqual(dialled(), [])
})

test('at most four attempts at once are made for a relay, and as many relayed dials as slots connect', async t => {
  const many = Array.from({ length: 30 }, (_, i) => `/ip4/198.42.${i}.1/tcp/1`)
  const { engine, clock, dialled } = behindRelay(pipeline(fromCaller(), fromPeerStore(), stagger(0), race()), { stored: many })
  engine.dial(circuit(), { signal: new AbortController().signal }).catch(() => {})
  await clock.advance(200)
  t.is(dialled().length, 4)
  engine.stop()

  const full = behindRelay(node, { slots: { node: 2, peer: 2, prefix: 1 } })
  const two = RELAYS.map(async relay => full.engine.dial(circuit('', relay), { force: true }))
  t.is((await full.clock.until(Promise.all(two))).length, 2)
})
