import { readFile } from 'node:fs/promises'
import test from 'ava'
import { EVIDENCE } from '../dialer/dials/decisions.ts'
import { FILE, table } from './table.ts'

test('docs/internals/contract.md equals the output of node test/contract/write.ts', async t => {
  t.is(await readFile(FILE, 'utf8'), await table())
})

test('each test that docs/internals/contract.md names for evidence exists', async t => {
  const source = await readFile(new URL('../dialer/dials/open-connections-policy.test.ts', import.meta.url), 'utf8')

  t.deepEqual(EVIDENCE.map(([,, title]) => title).filter(title => !source.includes(`test('${title}'`)), [])
})
