// Runs libp2p's own interop suite with the dialer that the first argument names, and sends the outcome of each test to the parent process
import { interopTests } from '@libp2p/interop'
import Mocha from 'mocha'
import { OURS, useStock } from '../dialers.ts'
import { startDaemon } from './start-daemon.ts'

/** Message from the process: a test with its error, or a skipped test */
export interface SuiteTest {
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly error?: string
}

const TIMEOUT = 60_000

const useDialer = new Map(OURS).get(`${process.argv[2]}`) ?? useStock
const mocha = new Mocha({ reporter: function Silent () {}, timeout: TIMEOUT })

mocha.suite.emit('pre-require', globalThis, import.meta.filename, mocha)
await interopTests({ spawn: async options => startDaemon(options, useDialer) })

mocha.run()
  .on('pass', test => { send({ title: test.fullTitle(), outcome: 'passed' }) })
  .on('pending', test => { send({ title: test.fullTitle(), outcome: 'skipped' }) })
  .on('fail', (test, error) => { send({ title: test.fullTitle(), outcome: 'failed', error: `${error}` }) })
  .on('end', () => { process.disconnect?.() })

function send (test: SuiteTest): void {
  process.send?.(test)
}
