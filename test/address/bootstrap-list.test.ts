import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { interleave, operatorOf, parseBootstrapList, providerPrefixOf } from '../../src/address/bootstrap-list.ts'
import { newPeer } from '../helpers/signing-peer.ts'

const [peer, other] = await Promise.all([newPeer(), newPeer()])

const WHOSE: ReadonlyArray<[string, string | undefined, string | undefined]> = [
  ['/dnsaddr/bootstrap.libp2p.io', 'libp2p.io', undefined],
  ['/dnsaddr/sg1.bootstrap.libp2p.io', 'libp2p.io', undefined],
  ['/dns4/NODE.Example.com./tcp/443/wss', 'example.com', undefined],
  ['/dns4/node.ex%61mple.com/tcp/443/wss', 'example.com', undefined],
  ['/dns/node.example.co.uk/tcp/1', 'example.co.uk', undefined],
  ['/dns/node.example.com.au/tcp/1', 'example.com.au', undefined],
  ['/dns6/node.net.example/tcp/1', 'net.example', undefined],
  ['/dns4/localhost/tcp/1', 'localhost', undefined],
  ['/dns4/203.0.113.5/tcp/1', undefined, '203.0'],
  ['/dns4/203-0-113-5.k51q.libp2p.direct/tcp/443/wss', undefined, '203.0'],
  ['/ip4/203.0.113.5/tcp/1', undefined, '203.0'],
  ['/ip6/2001:db8:1::1/tcp/1', undefined, '2001:0db8'],
  ['/ip6/::ffff:203.0.113.5/tcp/1', undefined, '203.0'],
  ['/memory/1', undefined, undefined]
]

for (const [address, operator, prefix] of WHOSE) {
  test(`the operator of ${address} is ${operator ?? 'unknown'}, and its provider prefix ${prefix ?? 'unknown'}`, t => {
    t.is(operatorOf(multiaddr(address)), operator)
    t.is(providerPrefixOf(multiaddr(address)), prefix)
  })
}

test('parseBootstrapList() groups the addresses by peer and deduplicates them', t => {
  const peers = parseBootstrapList([`/dnsaddr/a.example/p2p/${peer}`, multiaddr(`/ip4/1.2.3.4/tcp/1/p2p/${other}`), `/ip4/1.2.3.4/tcp/2/p2p/${peer}`, `/dnsaddr/a.example/p2p/${peer}`])

  t.deepEqual(peers.map(({ peerId, multiaddrs }) => [`${peerId}`, multiaddrs.map(String)]), [
    [`${peer}`, [`/dnsaddr/a.example/p2p/${peer}`, `/ip4/1.2.3.4/tcp/2/p2p/${peer}`]],
    [`${other}`, [`/ip4/1.2.3.4/tcp/1/p2p/${other}`]]
  ])
})

test('parseBootstrapList() throws InvalidParametersError for an object without a prototype', t => {
  t.throws(() => parseBootstrapList([Object.create(null)]), { name: 'InvalidParametersError', message: /, not "object"$/ })
})

test('parseBootstrapList() trims blanks and line ends', t => {
  const peers = parseBootstrapList([` /dnsaddr/a.example/p2p/${peer}\r\n`])

  t.deepEqual(peers.map(({ peerId, multiaddrs }) => [`${peerId}`, multiaddrs.map(String)]), [[`${peer}`, [`/dnsaddr/a.example/p2p/${peer}`]]])
})

for (const list of [[], ['/dnsaddr/a.example'], ['nonsense'], [`/ip4/1.2.3.4/tcp/1/p2p/${peer}/p2p-circuit`], ['/ip4/1.2.3.4/tcp/1/p2p/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'], [undefined as any]]) {
  test(`parseBootstrapList() throws for ${list.join() || `${list.length} addresses`}`, t => {
    t.throws(() => parseBootstrapList(list), { name: 'InvalidParametersError', message: /^A bootstrap list needs/ })
  })
}

const addresses = ['/dns4/a1.one.example/tcp/1', '/dns4/a2.one.example/tcp/1', '/ip4/1.1.0.1/tcp/1', '/ip4/1.1.9.9/tcp/1', '/dns4/b1.two.example/tcp/1', '/ip4/1.2.0.1/tcp/1', '/ip4/1.1.7.7/tcp/1'].map(address => multiaddr(address))

test('interleave() alternates between operators and networks', t => {
  t.deepEqual(interleave(addresses, one => [one], 'operator').map(one => addresses.indexOf(one)), [0, 2, 4, 5, 1, 3, 6])
})

test('interleave() goes by operator or by prefix for entries that have both names and IP addresses', t => {
  const [a, b, c] = [
    ['/dns4/x.one.example/tcp/1', '/ip4/1.1.0.1/tcp/1'],
    ['/ip4/1.2.0.1/tcp/1', '/dns4/y.one.example/tcp/1'],
    ['/dns4/z.two.example/tcp/1', '/ip4/1.1.0.2/tcp/1']
  ].map(entry => entry.map(address => multiaddr(address)))

  t.deepEqual(interleave([a, b, c], one => one ?? [], 'operator'), [a, c, b])
  t.deepEqual(interleave([a, c, b], one => one ?? [], 'prefix'), [a, b, c])
})
