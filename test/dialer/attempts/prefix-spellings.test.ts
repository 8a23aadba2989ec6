import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { guardedPrefixes } from '../../../src/dialer/attempts/prefix-slots.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { world } from '../../helpers/scripted.ts'
import { flooded, inFlight, mostInFlight } from '../flooded.ts'

/** Returns a peer id in the form of AutoTLS names */
const id = (n: number): string => `k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozkse${n.toString(36).padStart(4, 'l')}`

/** Functions of the nth address at 198.41.0.4, each in another spelling */
const SPELLINGS: ReadonlyArray<(n: number) => string> = [
  n => `/ip4/198.41.0.4/tcp/${n}`,
  n => `/ip4/198.41.0.${n % 256}/udp/${n}/quic-v1`,
  n => `/ip6/::ffff:c629:4/tcp/${n}`,
  n => `/ip6/::c629:4/tcp/${n}`,
  n => `/ip6/64:ff9b::c629:4/tcp/${n}`,
  n => `/ip6/64:ff9b:1::c629:4/tcp/${n}`,
  n => `/ip6/64:ff9b:1:c629:0:400::/tcp/${n}`,
  n => `/ip6/2002:c629:4:${n.toString(16)}::1/tcp/${n}`,
  n => `/ip6/2001:0:${n.toString(16)}:1:8000:63bf:39d6:fffb/tcp/${n}`,
  n => `/ip6zone/eth${n}/ip6/::ffff:c629:4/tcp/${n}`,
  n => `/dns4/198.41.0.4/tcp/${n}`,
  n => `/dns/0xc6290004/tcp/${n}`,
  n => `/dns4/0306.051.4/tcp/${n}/ws`,
  n => `/dns6/::ffff:c629:4/tcp/${n}`,
  n => `/dns4/198-41-0-${n % 256}.${id(n)}.libp2p.direct/tcp/${n}/tls/ws`,
  n => `/dns4/198-41-0-4.${id(n).toUpperCase()}.LIBP2P.direct./tcp/${n}/tls/ws`,
  n => `/dns6/2002-c629-4-0-0--1.${id(n)}.libp2p.direct/tcp/${n}/tls/ws`,
  n => `/ip4/198.41.0.4/tcp/${n}/tls/sni/198-41-0-4.${id(n)}.libp2p.direct/ws`
]

test('an IPv4 network has one guarded prefix in each way that its addresses are written', t => {
  const { components } = world()

  for (const spelling of SPELLINGS) {
    const address = spelling(1_000)
    const prefixes = guardedPrefixes(candidate(multiaddr(address)), components)
    t.true(prefixes.includes('198.41.0'), `${address}: ${prefixes.join()}`)
  }
})

test('300 addresses of one host in different spellings have at most eight attempts in flight', async t => {
  const node = flooded({ addresses: n => multiaddr((SPELLINGS[n % SPELLINGS.length] as typeof SPELLINGS[0])(1_000 + n)) })
  await node.flood(300)

  t.is(await mostInFlight(node), 8)
  t.is(new Set(node.network.attempts.map(({ multiaddr }) => multiaddr)).size, 300)
  t.is(node.clock.pending, 0)
})

test('100 AutoTLS names of 100 hosts are dialled concurrently', async t => {
  const node = flooded({ addresses: n => multiaddr(`/dns4/5-6-${n}-1.${id(n)}.libp2p.direct/tcp/4001/tls/ws`) })
  await node.flood(100)
  t.is(inFlight(node), 100)
  node.engine.stop()
})

for (const [what, address] of [
  ['names that one domain makes up', (n: number) => `/dns4/x${n}.y${n}.evil.example/tcp/443/wss`],
  ['the names of AutoTLS without an IP address', (n: number) => `/dns4/x${n}.${id(n)}.libp2p.direct/tcp/443/wss`],
  ['names that only look like those of AutoTLS', (n: number) => `/dns4/5-6-${n}-1.${id(n)}.libp2p.direct.evil.example/tcp/443/wss`],
  ['a name to which WebSockets connect, after other IP addresses', (n: number) => `/ip4/5.6.${n}.1/tcp/443/tls/sni/victim.example/ws`],
  ['spellings of a name', (n: number) => `/dns4/${n % 2 === 0 ? 'V' : 'v'}ictim.example${'.'.repeat(n % 2)}/tcp/${n + 1}/wss`]
] as const) {
  test(`at most eight attempts are in flight to ${what}`, async t => {
    const node = flooded({ addresses: n => multiaddr(address(n)) })
    await node.flood(50)
    t.is(inFlight(node), 8)
    node.engine.stop()
  })
}
