import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { isOversized, MAX_ADDRESS_BYTES } from '../../src/pipeline/candidate.ts'

/** Returns an address of the given size in bytes */
function ofBytes (bytes: number): string {
  return `/dns4/${'a'.repeat(bytes - 6)}/tcp/1`
}

test('isOversized() is true above 1,024 bytes, for text and multiaddr', t => {
  for (const bytes of [300, MAX_ADDRESS_BYTES - 1, MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES + 1, 10_000]) {
    const text = ofBytes(bytes)
    t.is(multiaddr(text).bytes.byteLength, bytes)
    t.is(isOversized(text), bytes > MAX_ADDRESS_BYTES)
    t.is(isOversized(multiaddr(text)), bytes > MAX_ADDRESS_BYTES)
  }
})

test('isOversized() of text that does not parse goes by its length', t => {
  t.true(isOversized('x'.repeat(2_000)))
  t.false(isOversized('x'))
})

const component = fc.constantFrom('/ip6/::', '/ip4/1.1.1.1', '/tcp/1', '/ws', '/dns4/\u8a9e', '/dnsaddr/\u{1f600}', '/memory/1', '/p2p-circuit', '/unix/a', '/http-path/%20')

testProp('isOversized() of random addresses goes by their bytes', [fc.array(component, { minLength: 1, maxLength: 40 })], (t, components) => {
  const text = components.join('')
  t.is(isOversized(text), multiaddr(text).bytes.byteLength > MAX_ADDRESS_BYTES)
}, { numRuns: 1_000 })
