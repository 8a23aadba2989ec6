import test from 'ava'
import { formatAddresses } from '../../src/pipeline/safe-text.ts'

test('formatAddresses() returns 16 addresses, each cut at 256 characters, and the number of the others', t => {
  t.is(formatAddresses(['/ip4/192.0.2.1/tcp/1', '/ip4/192.0.2.2/tcp/1']), '/ip4/192.0.2.1/tcp/1, /ip4/192.0.2.2/tcp/1')
  t.is(formatAddresses(Array.from({ length: 20 }, (_, i) => `${i}`)), `${Array.from({ length: 16 }, (_, i) => i).join(', ')} and 4 more`)
  t.is(formatAddresses(['x'.repeat(1_000)]).length, 257)
})

test('formatAddresses() escapes control characters', t => {
  t.is(formatAddresses(['/dns4/\u001b[2J/tcp/1']), '/dns4/\\u{1b}[2J/tcp/1')
})
