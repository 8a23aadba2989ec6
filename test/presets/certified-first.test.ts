import test from 'ava'
import { certifiedFirst } from '../../presets/index.ts'
import { has } from '../helpers/has.ts'
import { all, MIX, play } from './scene.ts'

const { private: given, tcp: signed, quic4: gossip, quic6: found, wss, relayed } = MIX
const KNOWN = 'only-if-none: a preferred address is known'

test('certifiedFirst() dials only user-given and certified addresses when there are any', async t => {
  const { dialled, dropped, error } = await play(certifiedFirst(), {
    given: [given],
    certified: [signed],
    stored: [gossip, relayed],
    network: all([given, signed], { refuses: 10 })
  })

  // the other addresses stay dropped after all of these have failed
  t.deepEqual(dialled, [given, signed])
  t.deepEqual(dropped, { [gossip]: KNOWN, [relayed]: KNOWN })
  t.is(error?.name, 'AggregateError')
})

test('certifiedFirst() dials the caller\'s first address at once, then certified ones before the caller\'s others', async t => {
  const { dialled, times } = await play(certifiedFirst(), { given: [wss, given], certified: [MIX.loopback, gossip, signed] })

  t.deepEqual(dialled, [wss, signed, gossip, MIX.loopback, given])
  t.deepEqual(times, [0, 250, 500, 750, 1_000])
})

test('certifiedFirst() dials only the caller\'s addresses when none is certified', async t => {
  const { dialled, dropped, asked } = await play(certifiedFirst(), { given: [given], stored: [gossip], routed: [found] })

  t.deepEqual(dialled, [given])
  t.deepEqual(dropped, { [gossip]: KNOWN })
  t.is(asked, 0)
})

test('certifiedFirst() dials only certified addresses when the caller names none', async t => {
  has(t, await play(certifiedFirst(), { certified: [signed], stored: [gossip], routed: [found] }), { dialled: [signed], dropped: { [gossip]: KNOWN }, asked: 0 })
})

test('certifiedFirst() dials all others in libp2p\'s order when there are no user-given or certified ones', async t => {
  const { dialled, dropped, asked } = await play(certifiedFirst(), { stored: [relayed, gossip, wss], routed: [found] })

  t.deepEqual(dialled, [wss, gossip, relayed])
  t.deepEqual(dropped, {})
  t.is(asked, 0)
})

test('certifiedFirst() asks routing when no address is known', async t => {
  has(t, await play(certifiedFirst(), { routed: [gossip], network: { [gossip]: { connects: 10 } } }), { dialled: [gossip], asked: 1, error: undefined })
})

test('certifiedFirst() dials others when user-given and certified ones cannot be dialled', async t => {
  has(t, await play(certifiedFirst(), { given: [given], certified: [signed], stored: [gossip], undialable: [given], denied: [signed] }), {
    dialled: [gossip],
    dropped: { [given]: 'dialable: no transport', [signed]: 'gater: denied by connectionGater.denyDialMultiaddr' }
  })
})

test('certifiedFirst() treats the answers of a user-given name as user-given', async t => {
  has(t, await play(certifiedFirst(), { given: ['/dnsaddr/example.com'], stored: [gossip], names: { '/dnsaddr/example.com': [signed] } }), {
    dialled: [signed],
    dropped: { [gossip]: KNOWN }
  })
})

test('certifiedFirst() does not treat the answers of a certified name as certified', async t => {
  const names = { '/dnsaddr/example.com': [wss] }

  has(t, await play(certifiedFirst(), { certified: ['/dnsaddr/example.com', signed], names }), { dialled: [signed], dropped: { [wss]: KNOWN } })
  has(t, await play(certifiedFirst(), { certified: ['/dnsaddr/example.com'], stored: [gossip], names }), { dialled: [wss, gossip], dropped: {} })
})

test('certifiedFirst() dials no more other addresses once a joining caller names one', async t => {
  has(t, await play(certifiedFirst(), { stored: [signed, gossip, relayed], joins: [100, [given]] }), {
    // the first attempt was in flight, and the joining caller's address replaces the second
    dialled: [signed, given],
    dropped: { [gossip]: KNOWN, [relayed]: KNOWN }
  })
})
