import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { root } from '../support/root.ts'

const run = promisify(execFile)

test('npm run playground -- --help prints how to call it, and writes nothing', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'))
  t.teardown(async () => rm(folder, { recursive: true }))
  const { stdout } = await run(process.execPath, [join(root, 'docs/playground/build.ts'), '--help'], { cwd: folder })

  t.regex(stdout, /^Usage: npm run playground -- \[FILE\]/)
  t.deepEqual(await readdir(folder), [])
})
