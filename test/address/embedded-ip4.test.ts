import { IpNet, parseCidr } from '@chainsafe/netmask'
import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { embeddedIp4s } from '../../src/address/embedded-ip4.ts'

const octetsOf = (ip: string): Uint8Array => parseCidr(`${ip}/${ip.includes(':') ? 128 : 32}`).network
const embedded = (ip: string): string[] => embeddedIp4s(octetsOf(ip)).map(ip4 => ip4.join('.'))

for (const [form, ip, expected] of [
  ['IPv4-mapped', '::ffff:198.41.0.4', ['198.41.0.4']],
  ['IPv4-compatible', '::198.41.0.4', ['198.41.0.4']],
  ['IPv4-translated', '::ffff:0:198.41.0.4', ['198.41.0.4']],
  ['NAT64', '64:ff9b::c629:4', ['198.41.0.4']],
  ['6to4', '2002:c629:4::1', ['198.41.0.4']],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2', ['192.0.2.45', '65.54.227.120']],
  ['ISATAP', 'fe80::5efe:c629:4', ['198.41.0.4']],
  ['ISATAP with a global address', '2001:db8::200:5efe:c629:4', ['198.41.0.4']]
] as const) {
  test(`returns the IPv4 address of ${form}`, t => {
    t.deepEqual(embedded(ip), [...expected])
  })
}

// as the examples of RFC 6052, section 2.4, with the prefix of RFC 8215
for (const [length, ip] of [[96, '64:ff9b:1::198.51.100.33'], [64, '64:ff9b:1:0:c6:3364:2100::'], [56, '64:ff9b:1:c6:33:6421::'], [48, '64:ff9b:1:c633:64:2100::']] as const) {
  test(`returns the IPv4 address of local-use NAT64 with a prefix of ${length} bits`, t => {
    t.true(embedded(ip).includes('198.51.100.33'), embedded(ip).join())
  })
}

test('returns nothing for an IPv6 address that embeds no IPv4 address', t => {
  for (const ip of ['::', '::1', '2001:db8::c629:4', '2001:4860::8888', 'fe80::1', 'fd00::198.41.0.4', '64:ff9a::c629:4', '64:ff9b::', '2002::1']) {
    t.deepEqual(embedded(ip), [], ip)
  }
})

test('returns nothing for bytes that are not an IPv6 address', t => {
  t.deepEqual(embeddedIp4s(Uint8Array.of(198, 41, 0, 4)), [])
  t.deepEqual(embeddedIp4s(new Uint8Array(0)), [])
})

testProp('finds any IPv4 address in each form that embeds it', [fc.ipV4().filter(ip => !ip.startsWith('0.'))], (t, ip) => {
  const hex = Buffer.from(new IpNet(`${ip}/32`).network).toString('hex').replace(/(.{4})/, '$1:')

  for (const form of [`::${ip}`, `::ffff:${ip}`, `64:ff9b::${ip}`, `64:ff9b:1::${ip}`, `2002:${hex}::7`, `fd12::5efe:${ip}`]) {
    t.true(embedded(form).includes(ip), form)
  }
})
