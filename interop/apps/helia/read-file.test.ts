import test from 'ava'
import { linesOf } from '../lines-of.ts'

test('the program of the guide reads a file, and its dial has connected', async t => {
  t.deepEqual(await linesOf(new URL('read-file.ts', import.meta.url)), ['hello', 'connected'])
})
