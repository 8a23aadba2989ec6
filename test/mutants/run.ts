// Changes one place of the code at a time, and runs the tests that should catch the change: a test of the tests.
//
//     node test/mutants/run.ts [--seed 1] [--count 100] [--least 95] [--at file.ts:12]
//
// The code is changed in a copy. The run fails if fewer than `least` mutants are caught, and lists the survivors
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { mutantsOf } from './find.ts'
import type { Mutant } from './find.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Tests that exercise many folders, fast ones first. They run when the tests of a mutant's own folder pass */
const WIDE = [
  'test/{checked-at-the-door,wrong-arguments}.test.ts',
  'test/{pipeline,stages,presets,testing,trace}/**/*.test.ts',
  'test/{address-book,bans,convergence,dialer,history,metrics}/**/*.test.ts',
  'test/{contract,libp2p}/*.test.ts'
]

/** This test runs the built package, and a mutant is not built */
const BUILT = 'test/cli/built.test.ts'

/** Milliseconds until ava is killed, because a mutated loop may never end */
const TIMEOUT = 900_000

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '100' }, least: { type: 'string', default: '95' }, at: { type: 'string' } } })
const all = await findAll()
const drawn = values.at == null ? draw(all, Number(values.count), values.seed) : all.filter(({ file, line }) => `${file}:${line}`.endsWith(values.at as string))
const survivors: string[] = []

if (drawn.length === 0) {
  throw new Error(`No mutant at ${values.at}`)
}

const copy = await mkdtemp(join(tmpdir(), 'mutants-'))

try {
  for (const name of ['src', 'presets', 'test', 'examples', 'bench', 'docs', 'package.json', 'tsconfig.json', 'tsconfig.test.json']) {
    await cp(join(root, name), join(copy, name), { recursive: true })
  }

  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))

  // a test that already fails would count mutants as caught
  const failed = await findFailure([...new Set(drawn.flatMap(({ file }) => testsOf(file).flat()))])

  if (failed != null) {
    throw new Error(`A test fails in the copy of the unchanged code: ${failed}`)
  }

  for (const [i, mutant] of drawn.entries()) {
    const { file, line, kind, before, after } = mutant
    const change = `${file}:${line} ${kind}: ${before.trim()} -> ${after.trim() || 'nothing'}`
    const caughtBy = await findCatcher(mutant)
    console.log(`${i + 1}/${drawn.length} ${change}\n    ${caughtBy ?? 'SURVIVED'}`)

    if (caughtBy == null) {
      survivors.push(change)
    }
  }
} finally {
  await rm(copy, { recursive: true, force: true })
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

/** Returns groups of test files, each file once: the test named after `file`, the tests of its folders, the wide ones */
function testsOf (file: string): string[][] {
  const mirror = `test/${file.replace(/^src\//, '')}`.replace(/\.ts$/, '')
  const found = new Set<string>([BUILT])
  const folders = [dirname(mirror), mirror.split('/', 2).join('/')]

  return [`${mirror}.test.ts`, `${folders[0]}/*.test.ts`, `${folders[1]}/**/*.test.ts`, ...WIDE].map(pattern => {
    const files = globSync(pattern, { cwd: copy }).filter(test => !found.has(test)).toSorted()
    files.forEach(test => found.add(test))

    return files
  }).filter(({ length }) => length > 0)
}

/** Returns the first test that fails with the mutant, if any */
async function findCatcher ({ file, at, before, after }: Mutant): Promise<string | undefined> {
  const path = join(copy, file)
  const code = await readFile(path, 'utf8')
  await writeFile(path, code.slice(0, at) + after + code.slice(at + before.length))

  try {
    for (const tests of testsOf(file)) {
      const failed = await findFailure(tests)

      if (failed != null) {
        return failed
      }
    }
  } finally {
    await writeFile(path, code)
  }
}

/** Runs tests, and returns the line that says what failed first, if anything did */
async function findFailure (tests: readonly string[]): Promise<string | undefined> {
  const ava = spawn(process.execPath, [join(copy, 'node_modules/ava/entrypoints/cli.js'), '--fail-fast', ...tests], { cwd: copy, detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  // with its processes, which do not end when they loop
  const timer = setTimeout(() => { process.kill(-(ava.pid as number), 'SIGKILL') }, TIMEOUT)
  const closed = new Promise<number | null>(resolve => { ava.once('close', resolve) })
  const lines = stripVTControlCharacters(await text(ava.stdout)).split('\n')
  const code = await closed
  clearTimeout(timer)

  return code === 0 ? undefined : lines.find(line => /^ *[✘✖×]/.test(line))?.trim() ?? `ava ended with ${code}`
}
