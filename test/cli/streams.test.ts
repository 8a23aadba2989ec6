// commands whose output is not read, or cannot be written
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'

const main = join(root, 'src/cli/main.ts')

test('a command exits with its code when stderr is closed', async t => {
  const child = spawn(process.execPath, [main, 'dial', 'nonsense'], { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.destroy()
  t.deepEqual(await once(child, 'exit'), [2, null])
})

test('a command exits with its code when stdout is closed', async t => {
  const child = spawn(process.execPath, [main, 'presets'], { stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.destroy()
  t.deepEqual(await once(child, 'exit'), [0, null])
})

const withFullDevice = existsSync('/dev/full') ? test : test.skip

withFullDevice('a command says in one line that its output cannot be written', async t => {
  await using full = await open('/dev/full', 'w')
  const child = spawn(process.execPath, [main, 'presets'], { stdio: ['ignore', full.fd, 'pipe'] })
  const errors = (await child.stderr?.setEncoding('utf8').toArray() ?? []).join('')
  t.regex(errors, /^error: cannot write the output: ENOSPC[^\n]*\n$/)
  t.is(child.exitCode ?? (await once(child, 'exit'))[0], 1)
})
