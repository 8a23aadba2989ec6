import { IpNet, ipToString } from '@chainsafe/netmask'
import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { keysOf } from '../../src/bans/keys.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { scene } from './scene.ts'
import type { BanTarget } from '../../src/bans/target.ts'

const [peer, other] = await Promise.all([newPeer(), newPeer()])

/** Forms in which an address can name this host */
const FORMS_OF_203_0_113_5 = [
  '/ip4/203.0.113.5', '/ip6/::ffff:203.0.113.5', '/ip6/::203.0.113.5', '/ip6/::ffff:0:203.0.113.5', '/ip6/64:ff9b::cb00:7105', '/ip6/64:ff9b:1::cb00:7105', '/ip6/64:ff9b:1:cb00:71:500::',
  '/ip6/2002:cb00:7105::1', '/ip6/2001:db8::5efe:203.0.113.5', '/ip6zone/eth0/ip6/64:ff9b::cb00:7105',
  '/dns4/203.0.113.5', '/dns4/203.0.113.5.', '/dns/0xcb007105', '/dns4/3405803781', '/dns4/031300070405', '/dns4/203.0.28933', '/dns6/::ffff:203.0.113.5', '/dns6/[64:ff9b::cb00:7105]'
].map(host => `${host}/tcp/443`)

const COVERED: ReadonlyArray<[BanTarget, string[], string[]]> = [
  [peer, [`/ip4/1.2.3.4/tcp/1/p2p/${peer}`, `/ip4/1.2.3.4/tcp/1/p2p/${other}/p2p-circuit/p2p/${peer}`, `/ip4/1.2.3.4/tcp/1/p2p/${peer}/p2p-circuit/p2p/${other}`, `/p2p/${peer.toCID()}`], [`/ip4/1.2.3.4/tcp/1/p2p/${other}`, '/ip4/1.2.3.4/tcp/1']],
  [multiaddr(`/p2p/${peer}`), [`/ip4/1.2.3.4/tcp/1/p2p/${peer}`], [`/p2p/${other}`]],
  [multiaddr(`/p2p/${peer.toCID()}`), [`/ip4/1.2.3.4/tcp/1/p2p/${peer}`], [`/p2p/${other}`]],
  ['203.0.113.0/24', ['/ip4/203.0.113.255/tcp/1', '/ip6/::ffff:203.0.113.1/tcp/1', '/dns4/203.0.113.7/tcp/1', '/dns4/0313.0.0161.07/tcp/1', `/ip4/203.0.113.1/tcp/1/p2p/${peer}/p2p-circuit`], ['/ip4/203.0.114.1/tcp/1', '/dns4/names.example/tcp/1', '/ip6/2001:db8::1/tcp/1', '/memory/1']],
  ['203.0.113.9/24', ['/ip4/203.0.113.1/udp/1/quic-v1'], ['/ip4/203.0.112.1/tcp/1']],
  ['::ffff:203.0.113.0/120', ['/ip4/203.0.113.1/tcp/1'], ['/ip4/203.0.114.1/tcp/1']],
  ['2001:db8::/48', ['/ip6/2001:db8::7/tcp/1', '/ip6zone/eth0/ip6/2001:db8::7/tcp/1', '/dns6/[2001:db8::7]/tcp/1'], ['/ip6/2001:db8:1::7/tcp/1', '/ip4/32.1.13.184/tcp/1']],
  ['0.0.0.0/0', ['/ip4/1.2.3.4/tcp/1', '/ip6/64:ff9b::1.2.3.4/tcp/1'], ['/ip6/2001:db8::1/tcp/1', '/dns4/names.example/tcp/1']],
  [multiaddr('/ip4/203.0.113.5'), ['/ip4/203.0.113.5/tcp/1', '/ip6/::ffff:203.0.113.5/udp/1'], ['/ip4/203.0.113.6/tcp/1']],
  [multiaddr('/ip6/2001:db8::5'), ['/ip6/2001:db8::5/tcp/1'], ['/ip6/2001:db8::6/tcp/1']],
  ['203.0.113.5', FORMS_OF_203_0_113_5, ['/ip4/203.0.113.6/tcp/1', '/ip6/64:ff9b::203.0.113.6/tcp/1', '/ip6/2002:cb00:7106::1/tcp/1', '/ip6/2001:db8::203.0.113.5/tcp/1']],
  ['203.0.113.0/24', FORMS_OF_203_0_113_5, ['/ip6/64:ff9b::203.0.114.5/tcp/1', '/ip6/2002:cb00:7206::1/tcp/1']],
  // each form of a single host bans that host
  ...['::ffff:203.0.113.5', '::203.0.113.5', '64:ff9b::cb00:7105', '64:ff9b::cb00:7105/128', '64:ff9b:1::cb00:7105', '2002:cb00:7105::1', '2002:cb00:7105::/48', '2002:cb00:7105:1::/64'].map((ban): [BanTarget, string[], string[]] => [ban, FORMS_OF_203_0_113_5, ['/ip4/203.0.113.6/tcp/1']]),
  ...['/ip6/64:ff9b::cb00:7105', '/ip6/64:ff9b::/ipcidr/96', '/ip6zone/eth0/ip6/::ffff:203.0.113.5', '/dns4/0313.0.0161.05', '/dns4/3405803781.', '/dns/0xcb007105', '/dns6/::ffff:203.0.113.5'].map((ban): [BanTarget, string[], string[]] => [ban, ban.includes('ipcidr') ? ['/ip6/64:ff9b::1.2.3.4/tcp/1'] : FORMS_OF_203_0_113_5, ['/ip4/203.0.113.6/tcp/1']]),
  ['64:ff9b::203.0.113.0/120', FORMS_OF_203_0_113_5, ['/ip4/203.0.114.5/tcp/1']],
  ['2002:cb00:7100::/40', FORMS_OF_203_0_113_5, ['/ip4/203.0.114.5/tcp/1']],
  // the whole prefix is not a network of IPv4 addresses
  ['64:ff9b::/96', ['/ip6/64:ff9b::203.0.113.5/tcp/1'], ['/ip4/203.0.113.5/tcp/1']],
  ['2002::/16', ['/ip6/2002:cb00:7105::1/tcp/1'], ['/ip4/203.0.113.5/tcp/1']],
  ['2001::/32', ['/ip6/2001:0:4136:e378:8000:63bf:3fff:fdd2/tcp/1'], ['/ip4/65.54.227.120/tcp/1', '/ip6/2001:1::1/tcp/1']],
  // the client or the server of a Teredo address
  ['192.0.2.45', ['/ip6/2001:0:4136:e378:8000:63bf:3fff:fdd2/tcp/1'], ['/ip6/2001:0:4136:e378:8000:63bf:3fff:fdd3/tcp/1']],
  ['65.54.227.120', ['/ip6/2001:0:4136:e378:8000:63bf:3fff:fdd2/tcp/1'], []],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', ['/ip6/2001:0:4136:e378:8000:63bf:3fff:fdd2/tcp/1'], ['/ip4/192.0.2.45/tcp/1', '/ip4/65.54.227.120/tcp/1']],
  ['::1', ['/ip6/::1/tcp/1'], ['/ip4/0.0.0.1/tcp/1', '/ip6/::2/tcp/1']],
  [multiaddr('/ip6/64:ff9b::cb00:7105/tcp/443'), ['/ip4/203.0.113.5/tcp/443/wss', '/dns4/0xcb007105/tcp/443', '/ip6/2002:cb00:7105::7/tcp/443', '/ip6zone/a/ip6/64:ff9b::cb00:7105/tcp/443'], ['/ip4/203.0.113.5/tcp/80', '/ip4/203.0.113.6/tcp/443']],
  [multiaddr('/ip4/203.0.113.5/tcp/443/wss'), ['/ip4/203.0.113.5/tcp/443/tls/ws', '/ip6/::ffff:203.0.113.5/tcp/443/wss'], ['/ip4/203.0.113.5/tcp/443/ws']],
  [multiaddr('/ip4/203.0.113.5/tcp/443/tls/http'), ['/ip4/203.0.113.5/tcp/443/https'], ['/ip4/203.0.113.5/tcp/443/http']],
  ['/dns4/names.example/tcp/443', ['/dns4/names.example/tcp/443', '/dns/NAMES.example./tcp/443', '/dns6/names.example/tcp/443/wss'], ['/dns4/names.example/tcp/80', '/dnsaddr/names.example/tcp/443']],
  // WebSockets connect to the host of the URL with this name
  ['/dns4/localhost', ['/dns4/loc%61lhost/tcp/443/ws', '/dns4/ｌocalhost/tcp/443', '/dns4/localhost../tcp/443', '/ip4/1.2.3.4/tcp/443/tls/sni/loc%61lhost/ws'], ['/dns4/localhost.example/tcp/443']],
  ['/dns4/names.example/tcp/443/tls/ws', ['/ip4/1.2.3.4/tcp/443/tls/sni/names.example/ws', '/dns4/other.example/tcp/443/tls/sni/names.example/ws/http-path/a', '/dns4/names.example/tcp/443/tls/sni/names.example/ws'], ['/ip4/1.2.3.4/tcp/443/tls/sni/other.example/ws', '/ip4/1.2.3.4/tcp/80/tls/sni/names.example/ws']],
  ['/ip4/203.0.113.5/tcp/443/wss', ['/ip4/1.2.3.4/tcp/443/tls/sni/203.0.113.5/ws', `/ip4/203.0.113.5/tcp/443/tls/sni/203-0-113-5.${peer.toCID()}.libp2p.direct/ws`], ['/ip4/203.0.113.5/tcp/443/tls/sni/names.example/ws']],
  ['/dns4/bücher.example', ['/dns4/xn--bcher-kva.example/tcp/443', '/dns/BÜCHER.example./tcp/443', '/ip4/1.2.3.4/tcp/443/tls/sni/bücher.example/ws'], ['/dns4/bucher.example/tcp/443']],
  ['/dns4/xn--bcher-kva.example', ['/dns4/bücher.example/tcp/443'], []],
  ['/dnsaddr/names.example', ['/dnsaddr/n%61mes.example'], ['/dns4/names.example/tcp/443']],
  ['/ip4/1.2.3.4/tcp/443/tls/sni/names.example', ['/ip4/1.2.3.4/tcp/443/tls/sni/NAMES.ex%61mple./ws'], ['/ip4/1.2.3.4/tcp/443/tls/sni/other.example/ws']],
  [`/dns4/203-0-113-5.${peer.toCID()}.libp2p.direct`, [`/ip4/1.2.3.4/tcp/443/tls/sni/203-0-113-5.${peer.toCID()}.libp2p.direct/ws`], ['/ip4/203.0.113.5/tcp/443']],
  [peer.toString(), [`/ip4/1.2.3.4/tcp/1/p2p/${peer}`, `/p2p/${peer.toCID()}`], [`/p2p/${other}`]],
  [peer.toCID().toString(), [`/ip4/1.2.3.4/tcp/1/p2p/${peer}`], [`/p2p/${other}`]],
  [`/p2p/${peer}`, [`/ip4/1.2.3.4/tcp/1/p2p/${peer}`], [`/p2p/${other}`]],
  [`/p2p/${peer.toCID()}`, [`/ip4/1.2.3.4/tcp/1/p2p/${peer}`], [`/p2p/${other}`]],
  [`/ip4/203.0.113.5/tcp/443/p2p/${peer}`, [`/ip4/203.0.113.5/tcp/443/p2p/${peer.toCID()}`], ['/ip4/203.0.113.5/tcp/443']],
  [multiaddr('/ip4/203.0.113.0/ipcidr/28'), ['/ip4/203.0.113.15/tcp/1'], ['/ip4/203.0.113.16/tcp/1']],
  [multiaddr('/ip4/203.0.113.5/tcp/443'), ['/ip4/203.0.113.5/tcp/443', `/ip4/203.0.113.5/tcp/443/wss/p2p/${peer}`], ['/ip4/203.0.113.5/tcp/4433', '/ip4/203.0.113.5/udp/443/quic-v1']],
  [multiaddr(`/ip4/203.0.113.5/tcp/443/p2p/${peer}`), [`/ip4/203.0.113.5/tcp/443/p2p/${peer}`], ['/ip4/203.0.113.5/tcp/443', `/ip4/203.0.113.5/tcp/443/p2p/${other}`, `/ip4/203.0.113.6/tcp/443/p2p/${peer}`]],
  ['/ip6zone/eth0/tcp/1', ['/ip6zone/eth0/tcp/1'], ['/ip6zone/eth0/tcp/2']],
  [multiaddr('/dns4/Names.Example'), ['/dns4/names.example/tcp/1', '/dns4/NAMES.example/tcp/2/ws'], ['/dns4/name.example/tcp/1']]
]

for (const [target, banned, free] of COVERED) {
  test(`bans ${banned.length} addresses and not ${free.length} others by ${typeof target === 'string' ? 'the text' : 'the value'} ${target}`, t => {
    const { bans } = scene()
    const ban = bans.add(target, 1_000)

    for (const [addresses, is] of [[banned, true], [free, false]] as const) {
      for (const address of addresses) {
        t.is(bans.reasonFor(multiaddr(address)) != null, is, address)
        t.is(bans.reasonFor(candidate(multiaddr(address))) != null, is, address)
        t.is([...bans.matches(multiaddr(address))].some(([, one]) => one === ban), is, address)
      }
    }
  })
}

testProp('a ban of an IPv4 network covers exactly the addresses in it', [fc.ipV4(), fc.nat(32), fc.nat(32), fc.nat(7)], (t, banned, length, another, bit) => {
  const { bans } = scene()
  const net = new IpNet(`${banned}/${length}`)
  const asked = flipped(net, length, bit)
  // adds and removes a ban of another length first
  bans.add(`${asked.join('.')}/${another}`, 1_000)
  bans.remove(`${asked.join('.')}/${another}`)
  bans.add(`${banned}/${length}`, 1_000)

  t.is(bans.reasonFor(multiaddr(`/ip4/${asked.join('.')}/tcp/1`)) != null, net.contains(asked))
})

testProp('a ban of an IPv6 network covers exactly the addresses in it', [fc.ipV6().filter(ip => !ip.includes('.')), fc.nat(128), fc.nat(7)], (t, banned, length, bit) => {
  const { bans } = scene()
  const net = new IpNet(`${banned}/${length}`)
  const asked = flipped(net, length, bit)
  bans.add(`${banned}/${length}`, 1_000)

  t.is(bans.reasonFor(multiaddr(`/ip6/${ipToString(asked)}/tcp/1`)) != null, net.contains(asked))
})

/** Returns an address in the network, or in the one beside it */
function flipped ({ network }: IpNet, length: number, bit: number): Uint8Array {
  const octets = network.slice()
  const at = Math.min(octets.length - 1, length >> 3)
  octets[at] = (octets[at] ?? 0) ^ (0x80 >> bit)

  return octets
}

test('bans of a long address are looked up for prefixes up to the longest banned one', t => {
  const long = multiaddr(`/ip4/203.0.113.5/tcp/443${'/ws'.repeat(10_000)}/p2p/${peer}`)
  t.deepEqual([...keysOf(long, [], '/ip4/203.0.113.5/tcp/443'.length)], ['/ip4/203.0.113.5', '/ip4/203.0.113.5/tcp/443', `/p2p/${peer}`])

  const { bans } = scene()
  bans.add(multiaddr('/ip4/203.0.113.5/tcp/1'), 1_000)
  t.is(bans.reasonFor(long), undefined)
  bans.add(multiaddr('/ip4/203.0.113.5/tcp/443/ws/ws'), 1_000)
  t.not(bans.reasonFor(long), undefined)
  bans.remove(multiaddr('/ip4/203.0.113.5/tcp/443/ws/ws'))
  bans.add(peer, 1_000)
  t.not(bans.reasonFor(long), undefined)
})

test('reasonFor() of an address whose peer id is not a peer id returns no reason', t => {
  const { bans } = scene()
  bans.add(peer, 1_000)
  t.is(bans.reasonFor(multiaddr('/ip4/1.2.3.4/tcp/1/p2p/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')), undefined)
})
