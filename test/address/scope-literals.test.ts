import { testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { scopeOf } from '../../src/address/scope.ts'
import { dose } from '../support/dose.ts'
import { inABlock, ip4, scopeOfNumber, written } from './iana-blocks.ts'

testProp('an IPv4 address written as a name has its own scope, in decimal, octal or hex', [ip4], (t, ip) => {
  const expected = scopeOfNumber(ip, 32)
  const [a, b, c, d] = written(ip, 32).split('.').map(Number) as [number, number, number, number]

  for (const literal of [
    `${a}.${b}.${c}.${d}`,
    `${a}.${b}.${c}.${d}.`,
    `0${a.toString(8)}.0${b.toString(8)}.0${c.toString(8)}.0${d.toString(8)}`,
    `0x${a.toString(16)}.0X${b.toString(16)}.${c}.${d}`,
    `0x${ip.toString(16)}`,
    `${ip}`,
    `${a}.${(b << 16) + (c << 8) + d}`,
    `${a}.${b}.${(c << 8) + d}`
  ]) {
    t.is(scopeOf(multiaddr(`/dns4/${literal}/tcp/1`)), expected, literal)
  }
}, { numRuns: dose(1_000) })

testProp('an IPv6 address written as a name has its own scope', [inABlock.filter(({ bits }) => bits === 128)], (t, { ip }) => {
  const literal = written(ip, 128)
  const expected = scopeOfNumber(ip, 128)

  for (const name of [literal, literal.toUpperCase(), `[${literal}]`, `${literal}%eth0`, `[${literal}%25eth0]`]) {
    t.is(scopeOf(multiaddr(`/dns6/${name}/tcp/1`)), expected, name)
  }
}, { numRuns: dose(1_000) })

test('multiaddr() throws for IP literals in odd forms', t => {
  for (const literal of ['010.0.0.1', '0x7f.1', '127.1', '2130706433', '127.0.0.1.', '::1']) {
    t.throws(() => multiaddr(`/ip4/${literal}/tcp/1`), undefined, literal)
  }
})
