import { inspect } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { candidate, fallback, filter, onlyIfNone, pipeline, retry, source, stage, timeout, when } from '../../../src/pipeline/index.ts'
import { byReputation } from '../../../src/stages/by-reputation.ts'
import { certified } from '../../../src/stages/certified.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { publicAddresses } from '../../../src/stages/public-addresses.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { transports } from '../../../src/stages/transports.ts'
import { verify } from '../../../src/stages/verify.ts'
import { behindRelay, circuit, node, PEER, PRIVATE, PUBLIC, RELAY, RELAYS } from '../behind-relay.ts'
import { newPeer } from '../../helpers/scripted.ts'
import type { Candidate, DialPipeline } from '../../../src/pipeline/types.ts'

const publicly = pipeline(fromCaller(), publicAddresses(), race())
const byOption = filter('by-option', ({ multiaddr }, { options }) => (options as any).allow?.has(multiaddr.toString().split('/p2p')[0]) ?? true, { options: ['allow'] })

for (const [how, handsOn] of [['all its options', undefined], ['its signal alone', ({ signal }: any) => ({ signal })]] as const) {
  test(`the filters of a dial apply to its relay when the transport passes on ${how}`, async t => {
    const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE, PUBLIC], handsOn })
    await clock.until(engine.dial(circuit(), { pipeline: publicly }))

    t.deepEqual(dialled(), [PUBLIC])
  })

  test(`a relay without an allowed address is not dialled when the transport passes on ${how}`, async t => {
    const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE], handsOn })

    await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: publicly })))
    t.deepEqual(dialled(), [])
  })
}

for (const [how, stored, target] of [
  ['by itself', [], multiaddr(`/dns4/8.8.8.8\\evil.com/tcp/1/p2p/${PEER}`)],
  ['as the address of a relay', [], circuit('/dns4/8.8.8.8\\evil.com/tcp/1')],
  ['as a stored address of a relay', ['/dns4/8.8.8.8\\evil.com/tcp/1'], circuit()],
  ['behind another', [], multiaddr(`/ip4/198.41.0.1/tcp/443/tls/sni/8.8.8.8@evil.com/ws/p2p/${PEER}`)]
] as const) {
  test(`a name that no host can have is not dialled ${how}`, async t => {
    const { engine, clock, dialled } = behindRelay(node, { stored: [...stored] })

    const error = await t.throwsAsync(clock.until(engine.dial(target)))
    t.regex(inspect(error, { depth: 9 }), /no host name has "(\\\\|@)/)
    t.deepEqual(dialled(), [])
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
    const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })

    await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: whole })))
    t.deepEqual(dialled(), [])
  })
}

test('when() gets the same answer for the relay as for the outer dial, also in the node\'s own pipeline', async t => {
  const onlyPublic = when(({ target }) => target.peerId?.equals(PEER) === true, publicAddresses())

  for (const whole of [pipeline(fromPeerStore(), fromCaller(), onlyPublic, race()), pipeline(fromPeerStore(), pipeline(fromCaller(), onlyPublic), race())]) {
    const { engine, clock, dialled } = behindRelay(whole, { stored: [PRIVATE] })
    await t.throwsAsync(clock.until(engine.dial(circuit())))
    t.deepEqual(dialled(), [])

    await clock.until(engine.dial(multiaddr(`/p2p/${RELAY}/p2p-circuit/p2p/${await newPeer()}`)))
    t.deepEqual(dialled(), [PRIVATE])
  }
})

const carefulWith = (name: string, value: unknown): any => filter('careful', ({ id }, { options }) => Reflect.get(options, name) !== value || !id.startsWith('/ip4/10.'))

for (const [name, value] of Object.entries({ force: true, initiator: false, runOnLimitedConnection: true })) {
  test(`an inherited filter reads "${name}" of the outer dial without declaring it`, async t => {
    const { engine, clock, dialled } = behindRelay(pipeline(fromPeerStore(), fromCaller(), carefulWith(name, value), race()), { stored: [PRIVATE] })
    await t.throwsAsync(clock.until(engine.dial(circuit(), { [name]: value })))
    t.deepEqual(dialled(), [])

    const [strict, loose] = await clock.until(Promise.allSettled([{ [name]: value }, {}].map(async options => engine.dial(circuit(), options))))
    t.is(strict?.status, 'rejected')
    t.is(loose?.status, 'fulfilled')
  })
}

test('an inherited filter reads priority and trace of the outer dial', async t => {
  for (const [name, value] of Object.entries({ priority: 99, trace: {} })) {
    const { engine, clock, dialled } = behindRelay(pipeline(fromPeerStore(), fromCaller(), carefulWith(name, value), race()), { stored: [PRIVATE] })
    await t.throwsAsync(clock.until(engine.dial(circuit(), { [name]: value })))
    t.deepEqual(dialled(), [])
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
  const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })
  await clock.until(engine.dial(circuit(), { pipeline: pipeline(fromCaller(), onlyIfNone(ofUser), race()) }))

  t.deepEqual(dialled(), [PRIVATE])
})

test('sources, ranks and stages below the race do not apply to the relay', async t => {
  const own = source('own', () => [multiaddr(`/ip4/203.0.113.9/tcp/9/p2p/${PEER}`)])
  const { engine, clock, dialled } = behindRelay(pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), race(), verify(({ remotePeer }) => remotePeer.equals(PEER))))
  await clock.until(engine.dial(circuit(), { pipeline: pipeline(fromCaller(), own, transports('circuit'), race()) }))

  t.deepEqual(dialled(), [PUBLIC])
})

const signed = (relayAddress: string): any => source('signed', () => [candidate(circuit(relayAddress), PEER, { isCertified: true, provenance: [{ source: 'certified', seq: 1n }] })])

test('certified() accepts the relay in a certified relayed address', async t => {
  const { engine, clock, dialled } = behindRelay(pipeline(signed(PUBLIC), fromCaller(), certified(), race()))
  await clock.until(engine.dial(PEER))

  t.deepEqual(dialled(), [PUBLIC])
})

test('the relay\'s address in a relayed address has the source of that address', async t => {
  const named = source('routing', () => [circuit(PRIVATE)])
  const whole = pipeline(named, fromCaller(), provenance(), race())

  for (const include of [['user'], ['certified'], ['user', 'dialled']]) {
    const { engine, clock, dialled } = behindRelay(whole, { stored: [] })
    await t.throwsAsync(clock.until(engine.dial(PEER, { provenance: include })))
    t.deepEqual(dialled(), [])
  }

  const { engine, clock, dialled } = behindRelay(whole, { stored: [] })
  await clock.until(engine.dial(PEER, { provenance: ['routing'] }))
  t.deepEqual(dialled(), [PRIVATE])
})

for (const [name, one, options] of [
  ['provenance() with the dial option', provenance(), { provenance: ['user'] }],
  ['provenance()', provenance({ include: ['user'] }), {}],
  ['a filter within a pipeline', pipeline(filter('all', () => true), filter('users', ({ provenance }) => provenance.some(({ source }) => source === 'user'))), {}],
  ['byReputation() with a minScore', byReputation(({ provenance }) => provenance.some(({ source }) => source === 'user') ? 1 : 0, { minScore: 1 }), {}]
] as const) {
  test(`${name} applies to the stored addresses of a relay`, async t => {
    const { engine, clock, dialled } = behindRelay(node, { stored: [PUBLIC] })

    await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: pipeline(fromCaller(), one, race()), ...options })))
    t.deepEqual(dialled(), [])
  })
}

test('a provenance() stage above fromCaller() does not judge the relay in the caller\'s address', async t => {
  const own = pipeline(fromPeerStore(), provenance(), fromCaller(), race())

  for (const whole of [node, pipeline(fromCaller(), fromPeerStore(), provenance(), race())]) {
    const { engine, clock, dialled } = behindRelay(whole, { stored: [PRIVATE] })
    await clock.until(engine.dial(circuit(PUBLIC), { pipeline: own, provenance: ['certified'] }))
    t.deepEqual(dialled(), [PUBLIC])
  }
})

test('stored addresses of a relay are dialled in addition to the one in the address', async t => {
  const { engine, clock, network, dialled } = behindRelay(node, { stored: [PUBLIC] })
  network.script('/ip4/203.0.113.1/tcp/1', { refuses: 5 })
  await clock.until(engine.dial(circuit('/ip4/203.0.113.1/tcp/1')))

  t.deepEqual(dialled(), ['/ip4/203.0.113.1/tcp/1', PUBLIC])
})

test('the error of a denied relay names it as the relay of the peer', async t => {
  const other = await newPeer()
  const { engine, clock, components } = behindRelay(node, { stored: [PRIVATE] })
  const refused = [PEER, other].map(async peer => engine.dial(multiaddr(`/p2p/${RELAY}/p2p-circuit/p2p/${peer}`), { pipeline: publicly }).then(() => '', ({ message }) => String(message)))

  for (const message of await clock.until(Promise.all(refused))) {
    t.true(message.startsWith(`The dial request has no valid addresses for peer: ${RELAY}, the relay on the way to ${PEER}, ${other} (1 dropped by public-addresses: a private address (${PRIVATE}))`), message)
  }

  components.connectionGater.denyDialPeer = peer => RELAY.equals(peer)
  await t.throwsAsync(clock.until(engine.dial(circuit())), { name: 'DialDeniedError', message: `The dial request is blocked by gater.allowDialPeer for peer: ${RELAY}, the relay on the way to ${PEER} (/p2p/${RELAY}/p2p-circuit)` })
  await t.throwsAsync(clock.until(engine.dial(RELAY)), { name: 'DialDeniedError', message: 'The dial request is blocked by gater.allowDialPeer' })
})

test('the error of a relay that the gater denies late names all peers it was dialled for', async t => {
  const other = await newPeer()
  const { engine, clock, components } = behindRelay(node, { stored: [PRIVATE] })
  components.connectionGater.denyDialPeer = async peer => RELAY.equals(peer) && new Promise(resolve => { clock.setTimeout(() => { resolve(true) }, 100) })
  const refused = Promise.all([PEER, other].map(async peer => t.throwsAsync(engine.dial(multiaddr(`/p2p/${RELAY}/p2p-circuit/p2p/${peer}`)))))

  for (const { message } of await clock.until(refused)) {
    t.true(message.startsWith(`The dial request is blocked by gater.allowDialPeer for peer: ${RELAY}, the relay on the way to ${PEER}, ${other}`), message)
  }
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

test('at most four attempts at once are made for a relay, and as many relayed dials as slots connect', async t => {
  const many = Array.from({ length: 30 }, (_, i) => `/ip4/198.42.${i}.1/tcp/1`)
  const { engine, clock, dialled } = behindRelay(pipeline(fromCaller(), fromPeerStore(), stagger(0), race()), { stored: many })
  engine.dial(circuit(), { signal: AbortSignal.timeout(60_000) }).catch(() => {})
  await clock.advance(200)
  t.is(dialled().length, 4)
  engine.stop()

  const full = behindRelay(node, { slots: { node: 2, peer: 2, prefix: 1 } })
  const two = RELAYS.map(async relay => full.engine.dial(circuit('', relay), { force: true }))
  t.is((await full.clock.until(Promise.all(two))).length, 2)
})

test('a hand-written stage can drop candidates of the relay, and cannot add any', async t => {
  const other = candidate(multiaddr(`/ip4/198.41.0.9/tcp/1/p2p/${RELAY}`))
  const both = stage('both', ({ target }) => ({ candidates }) => {
    const kept = candidates.filter(({ id }) => !id.startsWith(PRIVATE))

    return target.peerId?.equals(RELAY) === true ? [...kept, other] : kept
  })
  const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })

  await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: pipeline(fromCaller(), both, race()) })))
  t.deepEqual(dialled(), [])
})

test('a hand-written stage that returns undefined for the relay is named in the error', async t => {
  const odd = stage('odd', ({ target }) => ({ candidates }) => target.peerId?.equals(RELAY) === true ? undefined as any : candidates)

  for (const whole of [pipeline(fromCaller(), odd, race()), pipeline(fromPeerStore(), odd, fromCaller(), race())]) {
    const { engine, clock, dialled } = behindRelay(node, { stored: [PRIVATE] })
    await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: whole })), { name: 'InvalidStageOutputError', message: /^Stage "odd" answered undefined/ })
    t.deepEqual(dialled(), [])
  }
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

  await t.throwsAsync(clock.until(engine.dial(circuit(), { pipeline: publicly, onProgress: onProgress as any })))
  t.true(isReplaced)
  t.deepEqual(dialled(), [])
})
