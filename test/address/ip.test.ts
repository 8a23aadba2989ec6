import { ipToString } from '@chainsafe/netmask'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { destinationsOf, ipsIn } from '../../src/address/destinations.ts'
import { ipOf, parseIp4 } from '../../src/address/ip.ts'

for (const host of [
  '/ip4/198.41.0.4', '/ip6/::ffff:198.41.0.4', '/ip6zone/eth0/ip6/::ffff:198.41.0.4',
  '/dns4/198.41.0.4', '/dns4/198.41.0.4.', '/dns4/198.41.4', '/dns4/3324575748', '/dns4/030612200004', '/dns/0xc6290004', '/dns4/0xc6.051.4',
  '/dns4/198.41.0.%34', '/dns4/198。41。0。4', '/dns6/::ffff:198.41.0.4', '/dns6/[::ffff:198.41.0.4]', '/dns6/::FFFF:c629:4%eth0'
]) {
  test(`reads the IP address of ${host}`, t => {
    t.is(ipOf(multiaddr(`${host}/tcp/1`))?.join('.'), '198.41.0.4')
  })
}

for (const host of ['/dns4/names.example', '/dns4/198.41.0.4.example', '/dns4/198.41.0', '/dns6/::g', '/memory/1']) {
  test(`reads ${host === '/dns4/198.41.0' ? 'another' : 'no'} IP address of ${host}`, t => {
    t.is(ipOf(multiaddr(host))?.join('.'), host === '/dns4/198.41.0' ? '198.41.0.0' : undefined)
  })
}

test('parseIp4() reads an IPv4 address in the usual spelling as a number', t => {
  t.is(parseIp4('1.2.3.4'), 0x01020304)
  t.is(parseIp4('0.10.100.255'), 0x000a64ff)
  t.is(parseIp4('192.0.2.33'), 0xc0000221 | 0)

  for (const text of ['', '1.2.3', '1.2.3.4.5', '1.2.3.', '.1.2.3', '1..2.3', '1.2.3.256', '01.2.3.4', '1.2.3.00', '1.2.3.a', '1.2.3.4/8', ' 1.2.3.4', '::1']) {
    t.is(parseIp4(text), undefined, text)
  }
})

test('lists an IPv6 address before the IPv4 address that it embeds', t => {
  const texts = (address: string): string[] => destinationsOf(multiaddr(address)).flatMap(ipsIn).map(ip => ip.length === 4 ? ip.join('.') : ipToString(ip))
  t.deepEqual(texts('/ip6/64:ff9b::c629:4/tcp/1'), [ipToString(Uint8Array.of(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 198, 41, 0, 4)), '198.41.0.4'])
  t.deepEqual(texts('/dns6/64:ff9b::c629:4/tcp/1').at(-1), '198.41.0.4')
  t.deepEqual(texts('/ip4/198.41.0.4/tcp/1'), ['198.41.0.4'])
  t.deepEqual(texts('/dns4/names.example/tcp/1'), [])
})
