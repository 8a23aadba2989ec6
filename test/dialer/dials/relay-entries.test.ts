// a filter acts on the candidates before it, even when an address leads through a relay
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { expand, fallback, filter, pipeline, rank, retry, source, stage, timeout, when } from '../../../src/pipeline/index.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { certified } from '../../../src/stages/certified.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { publicAddresses } from '../../../src/stages/public-addresses.ts'
import { race } from '../../../src/stages/race.ts'
import { resolve } from '../../../src/stages/resolve.ts'
import { behindRelay, circuit, node, PEER, PRIVATE, PUBLIC } from '../behind-relay.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const any = filter('any', () => true)
const dnsaddr = resolve({ resolvers: { dnsaddr: { canResolve: one => one.toString().startsWith('/dnsaddr/'), resolve: async () => [circuit(PUBLIC)] } } })
const byHand = stage('by-hand', () => ({ candidates }) => candidates.toReversed())

const lifted: Array<readonly [string, DialPipeline, Multiaddr?]> = [
  ['fromCaller()', pipeline(fromPeerStore(), certified(), fromCaller(), race())],
  ['fromCaller() and another filter', pipeline(fromPeerStore(), certified(), fromCaller(), any, publicAddresses(), race())],
  ['fromCaller() and a stage written by hand', pipeline(fromPeerStore(), certified(), fromCaller(), byHand, race())],
  ['fromCaller() within a pipeline', pipeline(fromPeerStore(), certified(), pipeline(fromCaller(), any), race())],
  ['fromCaller() within its own pipeline', pipeline(pipeline(fromPeerStore(), certified(), fromCaller()), any, race())],
  ['fromCaller() within when()', pipeline(fromPeerStore(), certified(), when(() => true, fromCaller()), race())],
  ['a retry of that source', pipeline(fromPeerStore(), certified(), retry(pipeline(fromCaller(), race()), { retries: 1, delay: 1 }))],
  ['fromCaller() and a retry', pipeline(fromPeerStore(), certified(), fromCaller(), retry(timeout(1_000, race()), { retries: 1, delay: 1 }))],
  ['fromCaller() in a branch of a fallback', pipeline(fromPeerStore(), fallback(pipeline(certified(), race()), pipeline(certified(), fromCaller(), race())))],
  ['a name that resolves to a relayed address', pipeline(fromPeerStore(), certified(), fromCaller(), dnsaddr, race()), multiaddr(`/dnsaddr/peer.example/p2p/${PEER}`)],
  ['two sources of the address', pipeline(fromCaller(), certified(), fromCaller(), race())]
]

for (const [where, whole, address = circuit(PUBLIC)] of lifted) {
  test(`a filter above ${where} does not apply to the relay`, async t => {
    const { engine, clock, dialled } = behindRelay(node, { stored: [] })
    await clock.until(engine.dial(address, { pipeline: whole }))

    t.deepEqual(dialled(), [PUBLIC])
  })
}

test('a node dials the relay in an address that its caller names below a filter', async t => {
  const { engine, clock, dialled } = behindRelay(pipeline(fromPeerStore(), certified(), fromCaller(), race()), { stored: [PRIVATE] })
  await clock.until(engine.dial(circuit(PUBLIC)))

  t.deepEqual(dialled(), [PUBLIC])
})

test('the known addresses of a relay are ranked together with the one in the relayed address', async t => {
  const publicFirst = rank('public-first', (a, b) => Number(b.id.startsWith(PUBLIC)) - Number(a.id.startsWith(PUBLIC)))
  const { engine, clock, dialled } = behindRelay(pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), publicFirst, race()), { stored: [PUBLIC] })
  await clock.until(engine.dial(circuit(PRIVATE)))

  t.is(dialled()[0], PUBLIC)
})

const relayed = source('relayed', () => [circuit(PRIVATE)])
const own = filter('no-private', ({ id }) => id.includes('p2p-circuit') || !id.startsWith('/ip4/10.'))

for (const [where, whole] of Object.entries<DialPipeline>({
  'below the source': pipeline(fromCaller(), own, race()),
  'above and below the source': pipeline(relayed, own, fromCaller(), own, race()),
  'below one of two sources': pipeline(relayed, own, race()),
  'above a source that names another address': pipeline(relayed, own, source('other', () => [multiaddr('/ip4/198.41.0.9/tcp/1')]), race()),
  'above a stage that names it by hand': pipeline(fromPeerStore(), own, stage('named-by-hand', () => () => [candidate(circuit(PRIVATE), PEER)]), race()),
  'above a stage that makes it of another': pipeline(relayed, own, expand('same', one => [candidate(one.multiaddr, PEER)]), race()),
  'in another branch than the source': pipeline(relayed, fallback(pipeline(any, source('direct', () => []), fromCaller(), filter('none', () => false), race()), pipeline(own, race())))
})) {
  test(`a filter ${where} applies to the relay`, async t => {
    const { engine, clock, dialled } = behindRelay(node, { stored: [] })

    await t.throwsAsync(clock.until(engine.dial(circuit(PRIVATE), { pipeline: whole })))
    t.false(dialled().includes(PRIVATE))
  })
}

test('a filter applies to the relay once the source below it no longer gives the relayed address', async t => {
  const dead = source('dead', () => [multiaddr(PUBLIC)])

  for (const [gives, reached] of [[() => true, [PUBLIC, PRIVATE]], [(failures: number) => failures === 0, [PUBLIC]]] as const) {
    const sometimes = source('sometimes', ({ outcomes }) => gives(outcomes.length) ? [circuit(PRIVATE)] : [], { live: true })
    const { engine, clock, network, dialled } = behindRelay(node, { stored: [] })
    network.script(PUBLIC, { refuses: 50 })
    await clock.until(engine.dial(PEER, { pipeline: pipeline(dead, relayed, own, sometimes, race()) }).catch(() => {}))

    t.deepEqual(dialled(), reached)
  }
})

test('the provenance option of a dial applies to the relay in the caller\'s address', async t => {
  const whole = pipeline(fromPeerStore(), provenance(), fromCaller(), race())

  for (const { pipeline: own, options } of [{ pipeline: whole, options: {} }, { pipeline: node, options: { pipeline: whole } }]) {
    const { engine, clock, dialled } = behindRelay(own, { stored: [PUBLIC] })
    await t.throwsAsync(clock.until(engine.dial(circuit(), { ...options, provenance: ['user'] })), { name: 'NoValidAddressesError' })
    t.deepEqual(dialled(), [])
  }
})

test('a relay is dialled past a hand-written stage that holds all candidates back for 10 ms', async t => {
  const early = stage('early', (_dial, work) => {
    const closed = work.after(10)

    return ({ candidates }) => closed.done ? candidates : []
  })
  const { engine, clock, dialled } = behindRelay(node, { stored: [] })
  await clock.until(engine.dial(circuit(PUBLIC), { pipeline: pipeline(fromPeerStore(), early, fromCaller(), race()) }))

  t.deepEqual(dialled(), [PUBLIC])
})

test('the provenance option of a dial replaces the node\'s policy for the relay too', async t => {
  const own = pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), provenance(['user']), race())
  const { engine, clock, dialled } = behindRelay(own, { stored: [PRIVATE] })
  await clock.until(engine.dial(circuit(PUBLIC), { source: 'dht', provenance: ['dht'] }))

  t.deepEqual(dialled(), [PUBLIC])
})
