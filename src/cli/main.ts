#!/usr/bin/env node
import { EXIT } from './exit-codes.ts'
import { run } from './run.ts'

const controller = new AbortController()

// this listener stays for the whole process: restore-cursor ends the process when it finds no listener beside its own
process.on('SIGINT', () => {
  if (controller.signal.aborted) {
    process.exit(EXIT.interrupted)
  }

  controller.abort(new Error('interrupted'))
})

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (err: NodeJS.ErrnoException) => {
    // the output may be closed early, as by `presets | head -1`
    if (err.code !== 'EPIPE') {
      process.stderr.write(`error: cannot write the output: ${err.message}\n`)
      process.exit(EXIT.failed)
    }
  })
}

process.exitCode = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env, signal: controller.signal })
