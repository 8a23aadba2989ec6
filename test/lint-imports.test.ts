// the linter refuses an import against the order of the folders, which docs/internals/architecture.md describes
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { root } from './support/root.ts'

const REFUSED = [
  ['src/address/a.ts', '../pipeline/clock.ts'],
  ['src/pipeline/a.ts', '../stages/race.ts'],
  ['src/pipeline/runtime/a.ts', '../../stages/race.ts'],
  ['src/stages/a.ts', '../dialer/dialer.ts'],
  ['src/records/a.ts', '../metrics/observer.ts'],
  ['src/datastore/a.ts', '../stages/race.ts'],
  ['src/history/a.ts', '../dialer/dialer.ts'],
  ['src/metrics/a.ts', '../dialer/dialer.ts'],
  ['src/stream-migration/a.ts', '../dialer/dialer.ts'],
  ['src/dialer/a.ts', '../stages/race.ts'],
  ['src/dialer/attempts/a.ts', '../dials/target.ts'],
  ['src/dialer/dials/a.ts', '../libp2p/install.ts'],
  ['src/testing/a.ts', '../stages/race.ts'],
  ['src/testing/compliance/a.ts', '../../stages/race.ts'],
  ['presets/a.ts', '../src/dialer/dialer.ts']
] as const

test('the linter refuses an import of a higher folder, and accepts one of the same folder', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'lint-imports-'))
  t.teardown(async () => { await rm(folder, { recursive: true }) })
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))

  for (const [file, forbidden] of REFUSED) {
    await mkdir(join(folder, dirname(file)), { recursive: true })
    await writeFile(join(folder, file), `export { a } from './b.ts'\nexport { c } from '${forbidden}'\n`)
  }

  const output = await new Promise<string>(resolve => {
    execFile(join(root, 'node_modules/.bin/oxlint'), ['--format', 'unix', '-A', 'all', '-D', 'no-restricted-imports', '.'], { cwd: folder }, (_, stdout) => { resolve(stdout) })
  })
  const refused = output.split('\n').filter(line => line.includes('no-restricted-imports')).map(line => line.replace(/^.*?((?:src|presets)\/[^:]*):(\d+).*/, '$1:$2'))

  t.deepEqual(refused.toSorted(), REFUSED.map(([file]) => `${file}:2`).toSorted(), output)
})
