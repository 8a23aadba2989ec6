import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { isOversized, MAX_ADDRESS_BYTES } from '../../src/pipeline/candidate.ts'

/** An address of that many bytes */
function ofBytes (bytes: number): string {
  return `/dns4/${'a'.repeat(bytes - 6)}/tcp/1`
}

test('an address is oversized that has more than 1,024 bytes, whatever its text', t => {
  for (const bytes of [300, MAX_ADDRESS_BYTES - 1, MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES + 1, 10_000]) {
    const text = ofBytes(bytes)
    t.is(multiaddr(text).bytes.byteLength, bytes)
    t.is(isOversized(text), bytes > MAX_ADDRESS_BYTES)
    t.is(isOversized(multiaddr(text)), bytes > MAX_ADDRESS_BYTES)
  }
})

test('an address whose bytes cannot be told is oversized when it is long', t => {
  t.true(isOversized('x'.repeat(2_000)))
  t.false(isOversized('x'))
})

const component = fc.constantFrom('/ip6/::', '/ip4/1.1.1.1', '/tcp/1', '/ws', '/dns4/\u8a9e', '/dnsaddr/\u{1f600}', '/memory/1', '/p2p-circuit', '/unix/a', '/http-path/%20')

testProp('no address of few characters is oversized', [fc.array(component, { minLength: 1, maxLength: 40 })], (t, components) => {
  const text = components.join('')
  t.is(isOversized(text), multiaddr(text).bytes.byteLength > MAX_ADDRESS_BYTES)
}, { numRuns: 1_000 })
