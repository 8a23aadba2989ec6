import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { IPV4_RANGES, IPV6_RANGES } from '../../src/address/scope-ranges.ts'
import { dose } from '../support/dose.ts'
import { blocks, inABlock, ip4, narrowest, number6, REGISTERED, scopeOfNumber, written } from './iana-blocks.ts'

test('the ranges are those of the IANA registries, each with a name and a source', t => {
  const ranges = [...IPV4_RANGES, ...IPV6_RANGES]

  t.deepEqual(ranges.map(({ cidr }) => cidr).toSorted(), Object.keys(REGISTERED).toSorted())

  for (const { cidr, name, source } of ranges) {
    t.regex(source, /^(RFC \d+|IANA)/, cidr)
    t.not(name, '')
  }
})

for (const block of blocks.filter(({ scope }) => scope !== 'embedded')) {
  test(`${block.cidr}: the first and last address and their neighbours have the scope of the narrowest range`, t => {
    const limit = 2n ** BigInt(block.bits) - 1n

    for (const ip of [block.first, block.last, block.first - 1n, block.last + 1n].filter(ip => ip >= 0n && ip <= limit && narrowest(ip, block.bits) !== 'embedded')) {
      t.is<string, string>(scopeOfNumber(ip, block.bits), narrowest(ip, block.bits), written(ip, block.bits))
    }
  })
}

const embeddingNone = inABlock.filter(({ ip, bits }) => narrowest(ip, bits) !== 'embedded')

testProp('every address that embeds no IPv4 address has the scope of the narrowest range that contains it', [embeddingNone], (t, { ip, bits }) => {
  t.is<string, string>(scopeOfNumber(ip, bits), narrowest(ip, bits), written(ip, bits))
}, { numRuns: dose(20_000) })

testProp('an address that embeds an IPv4 address has that one\'s scope', [ip4, fc.bigInt(0n, 2n ** 80n - 1n)], (t, ip, rest) => {
  const expected = scopeOfNumber(ip, 32)

  for (const prefix of ['::ffff:0:0', '64:ff9b::']) {
    t.is(scopeOfNumber(number6(prefix) + ip, 128), expected)
  }

  // :: and ::1 do not embed IPv4 addresses
  t.is(scopeOfNumber(ip, 128), ip === 0n ? 'unspecified' : ip === 1n ? 'loopback' : expected)
  t.is(scopeOfNumber(number6('2002::') + (ip << 80n) + rest, 128), expected)
}, { numRuns: dose(5_000) })

testProp('a Teredo address has the scope of its client, and of its server when the client is public', [ip4, ip4, fc.bigInt(0n, 2n ** 32n - 1n)], (t, client, server, flags) => {
  const teredo = number6('2001::') + (server << 64n) + (flags << 32n) + (client ^ 0xffffffffn)
  const expected = scopeOfNumber(client, 32)

  t.is(scopeOfNumber(teredo, 128), expected === 'public' ? scopeOfNumber(server, 32) : expected)
}, { numRuns: dose(5_000) })
