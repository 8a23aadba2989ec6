// the built command, as installed. A user's module imports the package by name
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { root } from '../support/root.ts'
import { attempt, candidate, PEER, traced } from '../trace/sample.ts'
import { folder } from './kit.ts'

test('the built command runs, and a user\'s pipeline module imports its own copy of the package', async t => {
  await using files = await folder()
  const { bin, name } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string>, name: string }
  const main = join(root, bin[name] ?? '')
  const { address } = candidate(1)
  const trace = await files.file('trace.json', JSON.stringify(traced({ target: { peer: PEER, addresses: [address] }, candidates: [candidate(1, { attempts: [attempt(0, 100, { outcome: 'connected' })] })] })))
  const pipeline = await files.file('pipeline.mjs', `
    import { stock } from 'libp2p-dial-pipeline/presets'
    import { filter } from 'libp2p-dial-pipeline/stages'
    export default stock().before('take', filter('nobody', () => 'on principle'))
  `)

  t.regex(await readFile(main, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  t.regex((await promisify(execFile)(process.execPath, [main, 'replay', trace, '--preset', 'stock'])).stdout, /\nstock +connected +100 ms +1\n$/)
  const failed = await t.throwsAsync<Error & { code: number, stdout: string }>(promisify(execFile)(process.execPath, [main, 'replay', trace, '--pipeline', pipeline]), { code: 1 })
  t.regex(failed?.stdout ?? '', /dropped by nobody: on principle/)
})
