import { readFile } from 'node:fs/promises'
import test from 'ava'
import { FILE, table } from './table.ts'

test('docs/contract.md says what is tested: node test/contract/write.ts', async t => {
  t.is(await readFile(FILE, 'utf8'), await table())
})
