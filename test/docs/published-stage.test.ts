import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { root } from '../support/root.ts'

/** A file name with a colon, and the code block after it */
const FILE = /`([\w/.-]+\.(?:ts|json))`:\n\n```\w+(?: \w+)?\n([^]*?)```/g

test('the package of docs/guides/publish-a-stage.md builds, and its stage passes compliance()', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'published-stage-'))
  t.teardown(async () => rm(folder, { recursive: true }))
  const files = [...(await readFile(join(root, 'docs/guides/publish-a-stage.md'), 'utf8')).matchAll(FILE)]

  for (const [, name = '', text = ''] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }

  await mkdir(join(folder, 'node_modules'))
  await symlink(root, join(folder, 'node_modules/libp2p-dial-pipeline'))
  const run = async (...args: readonly string[]): Promise<string> => (await promisify(execFile)(process.execPath, args, { cwd: folder })).stdout

  await run(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json')
  const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))

  for (const file of Object.values<string>(exports['.'])) {
    t.true((await readFile(join(folder, file), 'utf8')).includes('nearestFirst'))
  }

  t.regex(await run('--test'), /pass 1\d\n.*fail 0/)
})
