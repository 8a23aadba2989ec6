import { fc } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from '../../src/address/scope.ts'
import type { Scope } from '../../src/address/scope-ranges.ts'

/** Blocks of IANA's registries, and other blocks that are not public unicast */
export const REGISTERED: Record<string, Scope | 'embedded'> = {
  '0.0.0.0/0': 'public',
  '0.0.0.0/8': 'reserved',
  '0.0.0.0/32': 'unspecified',
  '10.0.0.0/8': 'private',
  '100.64.0.0/10': 'private',
  '127.0.0.0/8': 'loopback',
  '169.254.0.0/16': 'link-local',
  '172.16.0.0/12': 'private',
  '192.0.0.0/24': 'reserved',
  '192.0.0.0/29': 'reserved',
  '192.0.0.8/32': 'reserved',
  '192.0.0.9/32': 'reserved',
  '192.0.0.10/32': 'reserved',
  '192.0.0.170/32': 'reserved',
  '192.0.0.171/32': 'reserved',
  '192.0.2.0/24': 'reserved',
  '192.31.196.0/24': 'reserved',
  '192.52.193.0/24': 'reserved',
  '192.88.99.0/24': 'reserved',
  '192.88.99.2/32': 'reserved',
  '192.168.0.0/16': 'private',
  '192.175.48.0/24': 'reserved',
  '198.18.0.0/15': 'private',
  '198.51.100.0/24': 'reserved',
  '203.0.113.0/24': 'reserved',
  '224.0.0.0/4': 'multicast',
  '240.0.0.0/4': 'reserved',
  '255.255.255.255/32': 'reserved',

  '::/0': 'reserved',
  '2000::/3': 'public',
  '::/96': 'embedded',
  '::/128': 'unspecified',
  '::1/128': 'loopback',
  '::ffff:0:0/96': 'embedded',
  '64:ff9b::/96': 'embedded',
  '64:ff9b:1::/48': 'private',
  '100::/64': 'reserved',
  '100:0:0:1::/64': 'reserved',
  '2001::/23': 'reserved',
  '2001::/32': 'embedded',
  '2001:1::1/128': 'reserved',
  '2001:1::2/128': 'reserved',
  '2001:1::3/128': 'reserved',
  '2001:2::/48': 'private',
  '2001:3::/32': 'reserved',
  '2001:4:112::/48': 'reserved',
  '2001:10::/28': 'reserved',
  '2001:20::/28': 'reserved',
  '2001:30::/28': 'reserved',
  '2001:db8::/32': 'reserved',
  '2002::/16': 'embedded',
  '2620:4f:8000::/48': 'reserved',
  '3fff::/20': 'reserved',
  '5f00::/16': 'reserved',
  'fc00::/7': 'private',
  'fe80::/10': 'link-local',
  'fec0::/10': 'private',
  'ff00::/8': 'multicast'
}

interface Block {
  cidr: string
  bits: 32 | 128
  first: bigint
  last: bigint
  scope: Scope | 'embedded'
}

export const blocks = Object.entries(REGISTERED).map(([cidr, scope]): Block => {
  const [base = '', length] = cidr.split('/')
  const bits = base.includes(':') ? 128 : 32
  const size = 2n ** BigInt(bits - Number(length))
  const first = numberOf(multiaddr(`/ip${bits === 32 ? 4 : 6}/${base}`).bytes.subarray(1))

  return { cidr, bits, first, last: first + size - 1n, scope }
})

export const inABlock = fc.constantFrom(...blocks).chain(block => fc.bigInt(block.first, block.last).map(ip => ({ ip, bits: block.bits })))

export const ip4 = fc.oneof(fc.bigInt(0n, 2n ** 32n - 1n), inABlock.filter(({ bits }) => bits === 32).map(({ ip }) => ip))

export function narrowest (ip: bigint, bits: 32 | 128): Scope | 'embedded' {
  const [within] = blocks
    .filter(block => block.bits === bits && block.first <= ip && ip <= block.last)
    .toSorted((a, b) => Number(a.last - a.first) - Number(b.last - b.first))

  return within?.scope ?? 'reserved'
}

export function scopeOfNumber (ip: bigint, bits: 32 | 128): Scope {
  return scopeOf(multiaddr(`/ip${bits === 32 ? 4 : 6}/${written(ip, bits)}/tcp/1`))
}

export function written (ip: bigint, bits: 32 | 128): string {
  return bits === 32
    ? [24n, 16n, 8n, 0n].map(shift => (ip >> shift) & 0xffn).join('.')
    : ip.toString(16).padStart(32, '0').replace(/(.{4})(?=.)/g, '$1:')
}

export function number6 (base: string): bigint {
  return numberOf(multiaddr(`/ip6/${base}`).bytes.subarray(1))
}

function numberOf (bytes: Uint8Array): bigint {
  return bytes.reduce((number, byte) => (number << 8n) + BigInt(byte), 0n)
}
