// Changes one place of the code at a time, and runs the tests that should catch the change: a test of the tests.
//
//     node test/mutants/run.ts [--seed 1] [--count 100] [--least 95] [--at file.ts:12]
//
// The code is changed in a copy. The run fails if fewer than `least` mutants are caught, and lists the survivors
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findFailures } from './ava.ts'
import { readExecutors } from './coverage.ts'
import { mutantsOf } from './find.ts'
import { sortTests } from './sort-tests.ts'
import type { Executor } from './coverage.ts'
import type { Mutant } from './find.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Folders of tests that need a build, a browser or a network, or load the machine, and tests that read the code instead of running it */
const LEFT_OUT = [
  'test/{bench,browser,docs,examples,fuzz,helpers,leaks,mutants,network,site}/**',
  'test/{browser-safe,circles,dependencies,docs,exports,interop,lint-imports,run-together,tsc-init,types}.test.ts',
  'test/cli/built.test.ts'
]

/** Files in the first run of a mutant, and in later runs: most mutants are caught by a test close to them */
const FIRST = 1
const GROWTH = 4
const MOST = 24

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '100' }, least: { type: 'string', default: '95' }, at: { type: 'string' } } })
const all = await findAll()
const drawn = values.at == null ? draw(all, Number(values.count), values.seed) : all.filter(({ file, line }) => `${file}:${line}`.endsWith(values.at as string))
const survivors: string[] = []

if (drawn.length === 0) {
  throw new Error(`No mutant at ${values.at}`)
}

const folder = await mkdtemp(join(tmpdir(), 'mutants-'))
const compiled = { NODE_COMPILE_CACHE: join(folder, 'compiled') }

try {
  const copies = await Promise.all(Array.from({ length: availableParallelism() }, async (_, i) => makeCopy(`copy-${i}`)))
  const tests = globSync('test/**/*.test.ts', { cwd: root, exclude: LEFT_OUT }).toSorted()
  const executors = await runUnchanged(copies[0] as string, tests)
  const queue = drawn.entries()

  // one mutant at a time in each copy
  await Promise.all(copies.map(async copy => {
    for (const [i, mutant] of queue) {
      const { file, line, kind, before, after } = mutant
      const change = `${file}:${line} ${kind}: ${before.trim()} -> ${after.trim() || 'nothing'}`
      const executing = sortTests(mutant.file, executors.get(mutant) ?? [], tests)
      const caughtBy = await findCatcher(mutant, copy, executing)
      console.log(`${i + 1}/${drawn.length} ${change}\n    ${caughtBy ?? `SURVIVED ${executing.length} test files`}`)

      if (caughtBy == null) {
        survivors.push(change)
      }
    }
  }))
} finally {
  await rm(folder, { recursive: true, force: true })
}

const caught = drawn.length - survivors.length
console.log([`${caught} of ${drawn.length} mutants caught, drawn from ${all.length} with seed ${values.seed}`, ...survivors].join('\n'))
process.exitCode = caught >= Math.min(Number(values.least), drawn.length) ? 0 : 1

async function findAll (): Promise<Mutant[]> {
  const files = globSync('{src,presets}/**/*.ts', { cwd: root }).filter(file => !file.endsWith('types.ts')).toSorted()

  return (await Promise.all(files.map(async file => mutantsOf(file, await readFile(join(root, file), 'utf8'))))).flat()
}

/** Draws `count` mutants by a hash of seed and id, so that changes elsewhere draw few others, and a mended survivor is tried again */
function draw (all: readonly Mutant[], count: number, seed: string): Mutant[] {
  const hash = ({ id }: Mutant): string => createHash('sha256').update(`${seed} ${id}`).digest('hex')

  return all.map(mutant => ({ mutant, key: hash(mutant) })).toSorted((a, b) => a.key < b.key ? -1 : 1).slice(0, count).map(({ mutant }) => mutant)
}

async function makeCopy (name: string): Promise<string> {
  const copy = join(folder, name)

  for (const entry of ['src', 'presets', 'test', 'examples', 'bench', 'docs', 'package.json', 'tsconfig.json', 'tsconfig.test.json']) {
    await cp(join(root, entry), join(copy, entry), { recursive: true })
  }

  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))

  return copy
}

/** Runs all tests with the unchanged code. Returns the tests that execute the place of each mutant: no other test can catch it */
async function runUnchanged (copy: string, tests: readonly string[]): Promise<Map<Mutant, Executor[]>> {
  const coverage = join(folder, 'coverage')
  const env = { ...compiled, NODE_V8_COVERAGE: coverage }
  const failures = await findFailures(copy, tests, ['--concurrency', String(2 * availableParallelism())], env)
  const named = new Set(failures.flatMap(({ test }) => test ?? []))
  // a test that fails always would count mutants as caught. Under load a test may fail once
  const lasting = failures.some(({ test }) => test == null) || named.size === 0 ? failures : await findFailures(copy, [...named], [], env)

  if (lasting.length > 0) {
    throw new Error(`Tests fail in the copy of the unchanged code:\n${lasting.map(({ line }) => line).join('\n')}`)
  }

  return readExecutors(coverage, copy, drawn)
}

/** Returns the failure of a test with the mutant, if any */
async function findCatcher ({ file, at, before, after }: Mutant, copy: string, tests: readonly string[]): Promise<string | undefined> {
  const path = join(copy, file)
  const code = await readFile(path, 'utf8')
  await writeFile(path, code.slice(0, at) + after + code.slice(at + before.length))

  try {
    for (let from = 0, size = FIRST; from < tests.length; from += size, size = Math.min(MOST, size * GROWTH)) {
      const failures = await findFailures(copy, tests.slice(from, from + size), ['--fail-fast', '--concurrency', '2'], compiled)

      for (const { line, test } of failures) {
        // under load a test may fail once without the mutant's doing
        if (test == null || (await findFailures(copy, [test], ['--fail-fast'], compiled)).length > 0) {
          return line
        }
      }
    }
  } finally {
    await writeFile(path, code)
  }
}
