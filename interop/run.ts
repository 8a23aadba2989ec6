/** Runs the tests on real nodes with other versions and packages: all of them, or the ones named */
import { show } from './command.ts'
import { NotInstallableError } from './install.ts'
import { prepare } from './prepare.ts'
import { selectConsumers } from './select.ts'
import type { Consumer, Tests } from './consumer.ts'
import type { Installed } from './install.ts'
import type { Prepared } from './prepare.ts'

const NODE_TESTS: readonly Tests[] = [
  { files: ['test/leaks/*.test.ts', 'test/libp2p/**/*.test.ts'] },
  // without libp2p's own dialer, whose defects differ between versions
  { files: ['test/contract/**/*.test.ts'], titles: ['ours: *'] }
]

const lines: string[] = []

for (const consumer of selectConsumers(process.argv.slice(2))) {
  const begun = performance.now()

  say(`\n== ${consumer.name}`)
  lines.push(`${consumer.name}: ${await run(consumer)}, ${((performance.now() - begun) / 1_000).toFixed(1)} s`)
}

say(`\n${lines.join('\n')}`)

async function run (consumer: Consumer): Promise<string> {
  let prepared: Prepared

  try {
    prepared = await prepare(consumer)
  } catch (err) {
    if (err instanceof NotInstallableError) {
      say(`skipped: ${err.message}`)
      return 'skipped'
    }

    throw err
  }

  const { folder, installed } = prepared
  const { tests = NODE_TESTS, types = '.', without = {} } = consumer

  say(`installed: ${describe(installed, consumer.packages)}`)
  Object.keys(without).forEach(reason => { say(`without: ${reason}`) })

  const outcomes = [await check('types', 'tsc', ['--noEmit', '-p', types], folder)]

  for (const some of tests) {
    outcomes.push(await check('tests', 'ava', patterns(some, Object.values(without)), folder))
  }

  return outcomes.join(', ')
}

function patterns ({ files = [], titles = [] }: Tests, without: readonly Tests[]): string[] {
  return [
    ...files,
    ...without.flatMap(({ files = [] }) => files.map(file => `!${file}`)),
    ...titles.map(title => `--match=${title}`),
    ...without.flatMap(({ titles = [] }) => titles.map(title => `--match=!${title}`))
  ]
}

async function check (what: string, command: string, args: string[], folder: string): Promise<string> {
  const code = await show(command, args, folder)

  if (code !== 0) {
    process.exitCode = 1
  }

  return `${what} ${code === 0 ? 'passed' : `failed (${code})`}`
}

/** Lists the packages of libp2p and of the consumer */
function describe (installed: Installed, packages: Consumer['packages']): string {
  return Array.from(installed)
    .filter(([path]) => path in packages || /libp2p(-[^/]+)?$|@libp2p\/[^/]+$/.test(path))
    .map(([path, version]) => `${path.replaceAll('/node_modules/', ' > ')} ${version}`)
    .join(', ')
}

function say (text: string): void {
  process.stdout.write(`${text}\n`)
}
