import test from 'ava'
import { certifiedFirst } from '../../presets/index.ts'
import { has } from '../helpers/has.ts'
import { all, MIX, play } from './scene.ts'

const { private: given, tcp: signed, quic4: gossip, quic6: found, wss, relayed } = MIX
const KNOWN = 'only-if-none: a preferred address is known'

test('what the user gave and what the peer signed is dialled, and nothing else', async t => {
  const { dialled, dropped, error } = await play(certifiedFirst(), {
    given: [given],
    certified: [signed],
    stored: [gossip, relayed],
    network: all([given, signed], { refuses: 10 })
  })

  // also when all of it has failed
  t.deepEqual(dialled, [given, signed])
  t.deepEqual(dropped, { [gossip]: KNOWN, [relayed]: KNOWN })
  t.is(error?.name, 'AggregateError')
})

test('what the user gave does not wait for the peer store; then certified before given', async t => {
  const { dialled, times } = await play(certifiedFirst(), { given: [wss, given], certified: [MIX.loopback, gossip, signed] })

  t.deepEqual(dialled, [wss, signed, gossip, MIX.loopback, given])
  t.deepEqual(times, [0, 250, 500, 750, 1_000])
})

test('what the user gave alone is enough', async t => {
  const { dialled, dropped, asked } = await play(certifiedFirst(), { given: [given], stored: [gossip], routed: [found] })

  t.deepEqual(dialled, [given])
  t.deepEqual(dropped, { [gossip]: KNOWN })
  t.is(asked, 0)
})

test('what the peer signed alone is enough', async t => {
  has(t, await play(certifiedFirst(), { certified: [signed], stored: [gossip], routed: [found] }), { dialled: [signed], dropped: { [gossip]: KNOWN }, asked: 0 })
})

test('without either, everything else is dialled, in libp2p\'s order', async t => {
  const { dialled, dropped, asked } = await play(certifiedFirst(), { stored: [relayed, gossip, wss], routed: [found] })

  t.deepEqual(dialled, [wss, gossip, relayed])
  t.deepEqual(dropped, {})
  t.is(asked, 0)
})

test('routing is asked when nothing is known at all', async t => {
  has(t, await play(certifiedFirst(), { routed: [gossip], network: { [gossip]: { connects: 10 } } }), { dialled: [gossip], asked: 1, error: undefined })
})

test('a preferred one that this node cannot dial leaves the place to the others', async t => {
  has(t, await play(certifiedFirst(), { given: [given], certified: [signed], stored: [gossip], undialable: [given], denied: [signed] }), {
    dialled: [gossip],
    dropped: { [given]: 'dialable: no transport', [signed]: 'gater: denied by connectionGater.denyDialMultiaddr' }
  })
})

test('what a name resolves to that the user gave was given by the user', async t => {
  has(t, await play(certifiedFirst(), { given: ['/dnsaddr/example.com'], stored: [gossip], names: { '/dnsaddr/example.com': [signed] } }), {
    dialled: [signed],
    dropped: { [gossip]: KNOWN }
  })
})

test('what a certified name resolves to was signed by nobody', async t => {
  const names = { '/dnsaddr/example.com': [wss] }

  has(t, await play(certifiedFirst(), { certified: ['/dnsaddr/example.com', signed], names }), { dialled: [signed], dropped: { [wss]: KNOWN } })
  has(t, await play(certifiedFirst(), { certified: ['/dnsaddr/example.com'], stored: [gossip], names }), { dialled: [wss, gossip], dropped: {} })
})

test('a caller who joins with an address ends the dialling of all others', async t => {
  has(t, await play(certifiedFirst(), { stored: [signed, gossip, relayed], joins: [100, [given]] }), {
    // the first was in flight; the joiner's takes the place of the second
    dialled: [signed, given],
    dropped: { [gossip]: KNOWN, [relayed]: KNOWN }
  })
})
