// random applications, with libp2p's own dialer as the control
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const script = fileURLToPath(new URL('applications/run.ts', import.meta.url))

for (const preset of ['adaptive', 'staggered']) {
  test.serial(`${preset}() answers each call of 8 random applications that libp2p's own dialer answers`, async t => {
    t.timeout(300_000)
    const { stdout } = await promisify(execFile)(process.execPath, [script, '1', '8', preset]).catch((err: { stdout: string }) => err)

    t.is(stdout, '8 applications\n')
  })
}
