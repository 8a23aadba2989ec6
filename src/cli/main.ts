#!/usr/bin/env node
import { EXIT } from './exit-codes.ts'
import { run } from './run.ts'

const controller = new AbortController()

// it stays: what shows the cursor again would end the process if it found no other listener
process.on('SIGINT', () => {
  if (controller.signal.aborted) {
    process.exit(EXIT.interrupted)
  }

  controller.abort(new Error('interrupted'))
})

// whoever reads the output may leave before its end: `presets | head -1`
process.stdout.on('error', (err: NodeJS.ErrnoException) => {
  if (err.code !== 'EPIPE') {
    throw err
  }
})

process.exitCode = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env, signal: controller.signal })
