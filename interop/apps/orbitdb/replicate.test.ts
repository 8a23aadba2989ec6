import test from 'ava'
import { linesOf } from '../lines-of.ts'

test('the program of the guide replicates a value, and its dial has connected', async t => {
  t.deepEqual(await linesOf(new URL('replicate.ts', import.meta.url)), ['hello', 'connected'])
})
