import test from 'ava'
import { publicOnly } from '../../presets/index.ts'
import { has } from '../helpers/has.ts'
import { all, MIX, play, RELAY } from './scene.ts'

const { loopback, private: lan, tcp, relayed } = MIX
const PRIVATE = 'public-only: a private address'

test('refuses what is private or loopback, whoever gave it', async t => {
  has(t, await play(publicOnly(), { given: [loopback, lan, tcp] }), { dialled: [tcp], dropped: { [loopback]: 'public-only: a loopback address', [lan]: PRIVATE } })
  has(t, await play(publicOnly(), { certified: [lan, tcp] }), { dialled: [tcp], dropped: { [lan]: PRIVATE } })
  has(t, await play(publicOnly(), { routed: [lan, tcp] }), { dialled: [tcp], dropped: { [lan]: PRIVATE } })
})

test('refuses what a name resolves to, one by one', async t => {
  has(t, await play(publicOnly(), { given: ['/dnsaddr/example.com'], names: { '/dnsaddr/example.com': [lan, tcp, '/dnsaddr/inner.example'], '/dnsaddr/inner.example': [loopback] } }), {
    dialled: [tcp],
    dropped: { [lan]: PRIVATE, [loopback]: 'public-only: a loopback address' }
  })
})

test('a name that the transport itself resolves is dialled, but not localhost', async t => {
  has(t, await play(publicOnly(), { given: ['/dns4/example.com/tcp/443/wss', '/dns4/app.localhost/tcp/443/wss'] }), {
    dialled: ['/dns4/example.com/tcp/443/wss'],
    dropped: { '/dns4/app.localhost/tcp/443/wss': 'public-only: a loopback address' }
  })
})

test('refuses a relay in this network, dials one outside of it', async t => {
  const near = `/ip4/192.168.1.1/tcp/4001/p2p/${RELAY}/p2p-circuit`

  has(t, await play(publicOnly(), { given: [near, relayed] }), { dialled: [relayed], dropped: { [near]: PRIVATE } })
})

test('a peer of which nothing is public: routing is asked, then the dial fails without an attempt', async t => {
  const { dialled, dropped, error, asked } = await play(publicOnly(), { given: [lan], routed: [loopback] })

  t.deepEqual(dialled, [])
  t.deepEqual(dropped, { [lan]: PRIVATE, [loopback]: 'public-only: a loopback address' })
  t.is(error?.name, 'NoValidAddressesError')
  t.is(asked, 1)
})

test('what routing finds is dialled when all else was refused', async t => {
  has(t, await play(publicOnly(), { given: [lan], routed: [tcp], network: all([tcp], { connects: 10 }) }), { dialled: [tcp], error: undefined })
})
