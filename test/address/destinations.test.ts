import { ipToString } from '@chainsafe/netmask'
import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { destinationsOf } from '../../src/address/destinations.ts'

const ID = 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r'
const RELAY = '12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq'

function destinations (address: string): string {
  return destinationsOf(multiaddr(address)).map(({ ip, name }) => ip == null ? name : ip.length === 4 ? ip.join('.') : ipToString(ip)).join(' ')
}

for (const [address, expected] of [
  ['/ip4/1.2.3.4/tcp/1', '1.2.3.4'],
  ['/ip6/::ffff:1.2.3.4/tcp/1', '1.2.3.4'],
  ['/ip6/2001:db8::1/udp/1/quic-v1', '2001:0db8:0000:0000:0000:0000:0000:0001'],
  ['/ip6zone/eth0/ip6/fe80::1/tcp/1', 'fe80:0000:0000:0000:0000:0000:0000:0001'],
  ['/dns4/0x1020304/tcp/1', '1.2.3.4'],
  ['/dns4/01.02.03.04./tcp/1', '1.2.3.4'],
  ['/dns6/::ffff:1.2.3.4/tcp/1', '1.2.3.4'],
  ['/dns4/Victim.Example./tcp/1', 'victim.example'],
  ['/dns4/ｖictim.example/tcp/1', 'victim.example'],
  ['/dns4/v%69ctim.example/tcp/443/wss', 'victim.example'],
  ['/dns4/someone@victim.example/tcp/443/wss', 'someone@victim.example'],
  ['/dns4/bücher.example/tcp/1', 'xn--bcher-kva.example'],
  ['/dns4/xn--bcher-kva.example/tcp/1', 'xn--bcher-kva.example'],
  ['/dns4/no host/tcp/1', 'no host'],
  ['/dnsaddr/victim.example', 'victim.example'],
  [`/dns4/1-2-3-4.${ID}.libp2p.direct/tcp/4001/tls/ws`, '1.2.3.4'],
  [`/dns4/1-2-3-4.${ID.toUpperCase()}.LibP2P.direct./tcp/4001/tls/ws`, '1.2.3.4'],
  // the name servers parse four parts as an IPv4 address, and return no answer
  [`/dns6/2001-db8--1.${ID}.libp2p.direct/tcp/4001/tls/ws`, `2001-db8--1.${ID}.libp2p.direct`],
  [`/dns6/2001-db8-0-0--1.${ID}.libp2p.direct/tcp/4001/tls/ws`, '2001:0db8:0000:0000:0000:0000:0000:0001'],
  [`/dns6/0--1.${ID}.libp2p.direct/tcp/4001/tls/ws`, '0000:0000:0000:0000:0000:0000:0000:0001'],
  [`/dns6/0--ffff-102-304.${ID}.libp2p.direct/tcp/4001/tls/ws`, '1.2.3.4'],
  [`/ip4/1.2.3.4/tcp/4001/tls/sni/1-2-3-4.${ID}.libp2p.direct/ws`, '1.2.3.4 1.2.3.4'],
  ['/ip4/1.2.3.4/tcp/443/tls/sni/victim.example/ws', '1.2.3.4 victim.example'],
  ['/ip4/1.2.3.4/tcp/443/tls/sni/5.6.7.8/ws', '1.2.3.4 5.6.7.8'],
  [`/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit/p2p/${RELAY}`, '1.2.3.4'],
  [`/p2p/${RELAY}/p2p-circuit/ip4/5.6.7.8/tcp/1`, ''],
  ['/memory/1', '']
] as const) {
  test(`${address} leads to ${expected === '' ? 'nothing that it names' : expected}`, t => {
    t.is(destinations(address), expected)
  })
}

for (const name of [
  `1-2-3-4.${ID}.libp2p.direct.evil.example`,
  `1-2-3-4.${ID}.evil.example`,
  `x.1-2-3-4.${ID}.libp2p.direct`,
  '1-2-3-4.libp2p.direct',
  `1-2-3.${ID}.libp2p.direct`,
  `1-2-3-999.${ID}.libp2p.direct`,
  `${ID}.libp2p.direct`,
  'libp2p.direct'
]) {
  test(`reads no IP address from the name ${name}`, t => {
    t.is(destinations(`/dns4/${name}/tcp/443/wss`), name)
  })
}

testProp('destinationsOf() reads the IPv4 address from its AutoTLS name', [fc.ipV4()], (t, ip) => {
  t.is(destinations(`/dns4/${ip.replaceAll('.', '-')}.${ID}.libp2p.direct/tcp/443/wss`), ip)
})

const NAME = fc.string({ minLength: 1 }).filter(text => !text.includes('/'))

testProp('destinationsOf() returns two destinations for an address with any name after sni', [NAME, NAME], (t, host, sni) => {
  const address = multiaddr([{ code: 54, name: 'dns4', value: host }, { code: 6, name: 'tcp', value: '443' }, { code: 448, name: 'tls' }, { code: 449, name: 'sni', value: sni }, { code: 477, name: 'ws' }])
  t.is(destinationsOf(address).length, 2)
})
