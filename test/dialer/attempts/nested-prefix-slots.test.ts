// a filter acts on the candidates before it, even when the address leads through a relay
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { fallback, filter, pipeline, retry, source, when } from '../../../src/pipeline/index.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { certified } from '../../../src/stages/certified.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { resolve } from '../../../src/stages/resolve.ts'
import { behindRelay, circuit, node, PEER, PRIVATE, PUBLIC, RELAY } from '../behind-relay.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'

const strict = pipeline(fromPeerStore(), certified(), fromCaller(), fromRouting({ when: 'exhausted' }), race())

for (const [where, whole] of Object.entries<DialPipeline>({
  'above the source of the caller': strict,
  'above that source within when()': pipeline(fromPeerStore(), certified(), when(() => true, fromCaller()), race()),
  'above that source within a pipeline': pipeline(fromPeerStore(), certified(), pipeline(fromCaller(), filter('any', () => true)), race()),
  'above a retry': pipeline(fromPeerStore(), certified(), fromCaller(), retry(race(), { retries: 1, delay: 1 })),
  'above that source in a branch of a fallback': pipeline(fromPeerStore(), fallback(pipeline(certified(), fromCaller(), race()), pipeline(certified(), fromCaller(), race())))
})) {
  test(`a filter ${where} does not apply to a relay address that the caller passed`, async t => {
    for (const [own, options] of [[whole, {}], [node, { pipeline: whole }]] as const) {
      const { engine, clock, dialled } = behindRelay(own, { stored: [] })
      await clock.until(engine.dial(circuit(PUBLIC), options))

      t.deepEqual(dialled(), [PUBLIC])
    }
  })
}

test('a filter above fromCaller() applies to the stored addresses of the relay', async t => {
  for (const [own, options] of [[strict, {}], [node, { pipeline: strict }]] as const) {
    const { engine, clock, network, dialled } = behindRelay(own, { stored: [PRIVATE] })
    network.script(PUBLIC, { refuses: 5 })

    await t.throwsAsync(clock.until(engine.dial(circuit(PUBLIC), options)), { name: 'Error' })
    t.deepEqual(dialled(), [PUBLIC])
  }
})

test('a filter applies to the relay of a circuit address from a source above the filter, and not below', async t => {
  const routed = source('routing', ({ target: { peerId } }) => peerId?.equals(PEER) === true ? [circuit(PRIVATE)] : [])
  const direct = filter('no-private', ({ id }) => id.includes('p2p-circuit') || !id.startsWith('/ip4/10.'))
  const whole = pipeline(routed, direct, fromCaller(), race())

  for (const [own, options] of [[whole, {}], [node, { pipeline: whole }]] as const) {
    const { engine, clock, dialled } = behindRelay(own, { stored: [] })

    await t.throwsAsync(clock.until(engine.dial(PEER, options)), { name: 'NoValidAddressesError' })
    t.deepEqual(dialled(), [])

    await clock.until(engine.dial(circuit(PRIVATE), options))
    t.deepEqual(dialled(), [PRIVATE])
  }
})

test('a filter that stands above and below fromCaller() applies to the relay', async t => {
  const relayed = filter('relayed', ({ id }) => id.includes('p2p-circuit'))
  const { engine, clock, dialled } = behindRelay(node, { stored: [] })

  await t.throwsAsync(clock.until(engine.dial(circuit(PUBLIC), { pipeline: pipeline(fromPeerStore(), relayed, fromCaller(), relayed, race()) })), { name: 'NoValidAddressesError' })
  t.deepEqual(dialled(), [])
})

test('a dial through the node\'s own pipeline reaches each relay that the node reaches itself', async t => {
  const { engine, clock, components, dialled } = behindRelay(strict, { stored: [PRIVATE] })
  components.peerRouting.findPeer = async id => ({ id, multiaddrs: id.equals(RELAY) ? [multiaddr(PUBLIC)] : [circuit()] })
  await clock.until(engine.dial(PEER))

  t.deepEqual(dialled(), [PUBLIC])
})

test('a filter above a source in the node\'s pipeline and below it in the dial\'s own applies to that source\'s relay addresses', async t => {
  const signed = certified()
  const relayed = source('relayed', ({ target: { peerId } }) => peerId?.equals(PEER) === true ? [candidate(circuit(), PEER, { isCertified: true })] : [])
  const { engine, clock, components, dialled } = behindRelay(pipeline(fromCaller(), signed, fromRouting(), race()), { stored: [] })
  components.peerRouting.findPeer = async id => ({ id, multiaddrs: [multiaddr(PUBLIC)] })

  await t.throwsAsync(clock.until(engine.dial(PEER, { pipeline: pipeline(relayed, fromRouting(), signed, race()) })), { name: 'NoValidAddressesError' })
  t.deepEqual(dialled(), [])
})

test('the name of a relay is resolved once, although the dials of peer and relay both resolve it', async t => {
  const asked: string[] = []
  const resolvers = { dnsaddr: { canResolve: (one: any) => one.toString().startsWith('/dnsaddr/'), resolve: async (one: any) => {
    asked.push(one.toString())

    return [multiaddr(PUBLIC)]
  } } }
  const { engine, clock, dialled } = behindRelay(pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), resolve({ resolvers }), race()), { stored: ['/dnsaddr/relay.example'] })
  await clock.until(engine.dial(circuit()))

  t.deepEqual(dialled(), [PUBLIC])
  t.is(asked.length, 1)
})

test('a provenance option applies to each address of the relay, also through the node\'s own pipeline', async t => {
  const whole = pipeline(fromPeerStore(), fromCaller(), provenance(), race())
  const { engine, clock, dialled } = behindRelay(whole, { stored: [PUBLIC] })

  await t.throwsAsync(clock.until(engine.dial(circuit(), { provenance: ['user'] })), { name: 'NoValidAddressesError' })
  t.deepEqual(dialled(), [])
})
