import test from 'ava'
import { publicOnly } from '../../presets/index.ts'
import { has } from '../helpers/has.ts'
import { all, MIX, play, RELAY } from './scene.ts'

const { loopback, private: lan, tcp, relayed } = MIX
const PRIVATE = 'public-addresses: a private address'

test('publicOnly() drops private and loopback addresses of any source', async t => {
  has(t, await play(publicOnly(), { given: [loopback, lan, tcp] }), { dialled: [tcp], dropped: { [loopback]: 'public-addresses: a loopback address', [lan]: PRIVATE } })
  has(t, await play(publicOnly(), { certified: [lan, tcp] }), { dialled: [tcp], dropped: { [lan]: PRIVATE } })
  has(t, await play(publicOnly(), { routed: [lan, tcp] }), { dialled: [tcp], dropped: { [lan]: PRIVATE } })
})

test('publicOnly() judges each answer of a name', async t => {
  has(t, await play(publicOnly(), { given: ['/dnsaddr/example.com'], names: { '/dnsaddr/example.com': [lan, tcp, '/dnsaddr/inner.example'], '/dnsaddr/inner.example': [loopback] } }), {
    dialled: [tcp],
    dropped: { [lan]: PRIVATE, [loopback]: 'public-addresses: a loopback address' }
  })
})

test('publicOnly() resolves a host name and dials the judged IP addresses', async t => {
  has(t, await play(publicOnly(), { given: ['/dns4/example.com/tcp/4001', '/dns/inside.example.com/tcp/4001'], hosts: { 'example.com': ['8.8.8.8', '10.0.0.2'], 'inside.example.com': ['127.0.0.1', '::1'] } }), {
    dialled: [tcp],
    dropped: { [lan]: PRIVATE, '/ip4/127.0.0.1/tcp/4001': 'public-addresses: a loopback address', '/ip6/::1/tcp/4001': 'public-addresses: a loopback address' }
  })
})

const REFUSED: ReadonlyArray<[address: string, reason: string]> = [
  ['/dns4/127.0.0.1/tcp/4001', 'public-addresses: a loopback address'],
  ['/dns4/LOCALHOST/tcp/4001', 'public-addresses: a loopback address'],
  ['/dns4/app.localhost/tcp/443/wss', 'public-addresses: a loopback address'],
  ['/dns4/0x7f.1/tcp/443/wss', 'public-addresses: a loopback address'],
  ['/dns4/router/tcp/443/wss', 'public-addresses: a private address'],
  ['/dns4/example.com/tcp/443/wss', 'public-addresses: a name that was not looked up, or that its transport looks up again: nobody knows where it leads'],
  ['/dns4/nowhere.example.com/tcp/4001', 'lookup: could not be looked up: queryA ENOTFOUND nowhere.example.com'],
  ['/ip6/64:ff9b::a00:1/tcp/4001', PRIVATE],
  ['/ip6/::ffff:10.0.0.1/tcp/4001', PRIVATE],
  ['/ip4/224.0.0.1/udp/4001/quic-v1', 'public-addresses: a multicast address'],
  ['/ip4/169.254.169.254/tcp/80/ws', 'public-addresses: a link-local address'],
  ['/ip4/0.0.0.0/tcp/4001', 'public-addresses: an unspecified address']
]

for (const [address, reason] of REFUSED) {
  test(`publicOnly() drops ${address}`, async t => {
    const { dialled, dropped, error } = await play(publicOnly(), { given: [address], hosts: { '127.0.0.1': ['127.0.0.1'], LOCALHOST: ['127.0.0.1'] } })

    t.deepEqual(dialled, [])
    t.is(error?.name, 'NoValidAddressesError')
    t.true(Object.values(dropped).includes(reason), JSON.stringify(dropped))
  })
}

test('publicOnly() drops an address behind a private relay, and dials one behind a public relay', async t => {
  const near = `/ip4/192.168.1.1/tcp/4001/p2p/${RELAY}/p2p-circuit`

  has(t, await play(publicOnly(), { given: [near, relayed] }), { dialled: [relayed], dropped: { [near]: PRIVATE } })
})

test('publicOnly() asks routing and then fails without an attempt when no address is public', async t => {
  const { dialled, dropped, error, asked } = await play(publicOnly(), { stored: [lan], routed: [loopback] })

  t.deepEqual(dialled, [])
  t.deepEqual(dropped, { [lan]: PRIVATE, [loopback]: 'public-addresses: a loopback address' })
  t.is(error?.name, 'NoValidAddressesError')
  t.is(asked, 1)
})

test('publicOnly() dials an address from routing when no stored one is public', async t => {
  has(t, await play(publicOnly(), { stored: [lan], routed: [tcp], network: all([tcp], { connects: 10 }) }), { dialled: [tcp], error: undefined })
})
