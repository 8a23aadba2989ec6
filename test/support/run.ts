// Runs ava. Prints every failure in full, and only the number of passed tests.
//
// --stock    runs the contract tests with libp2p's own dialer
// --all      runs the contract tests with both dialers, loads and random cases in full, and the slow folders
// --verbose  prints every test
//
// All other arguments are passed to ava.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { writeGroups } from './groups.ts'
import { root } from './root.ts'

/** The folders that `npm test` leaves out, to end within two minutes: they need a browser or a network, or load the machine */
const SLOW = ['bench', 'browser', 'fuzz', 'helpers', 'leaks', 'network']

/** Test files at a time for each processor: about half of the time of a real node is waiting */
const CONCURRENCY = 2

const FLAGS = ['--stock', '--all', '--verbose']
const FAILURES = /^ *(\d+) (?:tests? failed|hooks? failed|uncaught exceptions?|unhandled rejections?|tests? remained pending after a timeout)$/

const given = process.argv.slice(2)
const [isStock, isAll, isVerbose] = FLAGS.map(flag => given.includes(flag))
const args = given.filter(arg => !FLAGS.includes(arg))
const { stdout } = process

if (isStock) {
  // the folder also has tests of one dialer only
  args.unshift('--match', 'stock: *', ...(args.length === 0 ? ['test/contract/*.test.ts'] : []))
}

if (!isAll && args.length === 0) {
  args.push(...writeGroups(globSync('test/**/*.test.ts', { cwd: root, exclude: SLOW.map(folder => `test/${folder}/**`) })))
}

const ava = spawn(process.execPath, [join(root, 'node_modules/ava/entrypoints/cli.js'), `--concurrency=${CONCURRENCY * availableParallelism()}`, ...args], {
  cwd: root,
  stdio: ['inherit', 'pipe', 'inherit'],
  env: {
    // with the compile cache of Node.js a file loads 25 % faster
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'),
    ...(stdout.isTTY && stdout.hasColors() ? { FORCE_COLOR: '1' } : {}),
    ...process.env,
    ...(isStock ? { TEST_DIALER: 'stock' } : {}),
    ...(isAll ? { TEST_DIALER: 'both', TEST_DOSE: 'all' } : {})
  }
})

// a terminal sends SIGINT to ava too, and ava ends by itself
process.on('SIGINT', () => {})
process.on('SIGTERM', () => { ava.kill() })

const closed = once(ava, 'close')
const clear = stdout.isTTY ? '\r\x1b[K' : ''
let isPassed = false
let passed = 0
let failed = 0

for await (const line of createInterface({ input: ava.stdout })) {
  const text = stripVTControlCharacters(line)
  const isTick = /^ *[✔√] /.test(text)

  // the lines of a test's log have a deeper indent
  isPassed = isTick || (isPassed && text.startsWith('    '))
  passed += isTick ? 1 : 0
  failed += Number(FAILURES.exec(text)?.[1] ?? 0)

  if (isVerbose || !isPassed) {
    stdout.write(`${clear}${line}\n`)
  } else if (stdout.isTTY) {
    stdout.write(`${clear}${passed} passed`)
  }
}

const [code, signal] = await closed as [number | null, string | null]

// ava crashed, or found no tests
if (failed === 0 && (code !== 0 || passed === 0)) {
  failed = 1
  stdout.write(`${clear}ava ended with ${signal ?? code}\n`)
}

stdout.write(`${clear}${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
