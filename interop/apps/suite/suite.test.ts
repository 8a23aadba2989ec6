import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'ava'
import { OURS } from '../dialers.ts'
import type { SuiteTest } from './suite-process.ts'

/** libp2p's own dialer passes more tests than this. The suite skips WebTransport, WebRTC and mixed kinds of pubsub */
const TESTS = 80

const STOCK = 'stock'

test.before(t => {
  t.timeout(600_000)
})

// the runs are concurrent, because the suite mostly waits
const runs = new Map([STOCK, ...OURS.map(([name]) => name)].map(name => [name, runSuite(name)]))

test(`${STOCK}: libp2p's own dialer passes the interop suite of libp2p`, async t => {
  const tests = await runs.get(STOCK) ?? []

  t.deepEqual(tests.filter(({ outcome }) => outcome === 'failed'), [])
  t.true(passedOf(tests).length > TESTS, `${passedOf(tests).length}`)
})

for (const [name] of OURS) {
  test(`${name}: the dialer passes each test of libp2p's interop suite that libp2p's own passes`, async t => {
    const tests = await runs.get(name) ?? []
    const control = passedOf(await runs.get(STOCK) ?? [])

    t.log(`${passedOf(tests).length} passed`)
    t.deepEqual(tests.filter(({ title, outcome }) => outcome === 'failed' && control.includes(title)), [])
    t.deepEqual(passedOf(tests).toSorted(), control.toSorted())
  })
}

function passedOf (tests: readonly SuiteTest[]): string[] {
  return tests.filter(({ outcome }) => outcome === 'passed').map(({ title }) => title)
}

async function runSuite (name: string): Promise<SuiteTest[]> {
  const tests: SuiteTest[] = []

  const child = fork(join(import.meta.dirname, 'suite-process.ts'), [name], {
    execArgv: ['--import', new URL('resolve-chai.ts', import.meta.url).href],
    // longer than the suite takes on a busy machine
    timeout: 540_000
  })

  child.on('message', (message: SuiteTest) => { tests.push(message) })
  await once(child, 'exit')

  return tests
}
