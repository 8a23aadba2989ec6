// Changes one place of the code at a time, and runs the tests that should catch the change: a test of the tests.
//
//     node test/mutants/run.ts [--seed 1] [--count 60] [--least 57] [--at file.ts:12]
//
// The code is changed in a copy. The run fails if fewer than `least` mutants are caught, and lists the survivors
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mutantsOf } from './find.ts'
import type { Mutant } from './find.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The tests that should catch a change in a folder, the most likely ones first */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  'address-book': ['test/address-book/**/*.test.ts', 'test/contract/wishes.test.ts', 'test/libp2p/attribution*.test.ts'],
  bans: ['test/bans/**/*.test.ts', 'test/libp2p/bans*.test.ts'],
  datastore: ['test/datastore/**/*.test.ts', 'test/address-book/store.test.ts', 'test/bans/*.test.ts', 'test/history/*.test.ts'],
  history: ['test/history/**/*.test.ts', 'test/stages/{backoff,by-history,black-hole,odds*}.test.ts']
}

/** Milliseconds, because a mutated loop may never end */
const TIMEOUT = 180_000

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '60' }, least: { type: 'string', default: '57' }, at: { type: 'string' } } })
const all = await findAll()
const drawn = values.at == null ? draw(all, Number(values.count), Number(values.seed)) : all.filter(({ file, line }) => `${file}:${line}`.endsWith(values.at as string))
const survivors: Mutant[] = []
const copy = await mkdtemp(join(tmpdir(), 'mutants-'))

try {
  for (const name of ['src', 'presets', 'test', 'examples', 'bench', 'docs', 'package.json', 'tsconfig.json', 'tsconfig.test.json']) {
    await cp(join(root, name), join(copy, name), { recursive: true })
  }

  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))

  // tests that already fail would count every mutant as caught
  for (const tests of new Set(drawn.flatMap(({ file }) => testsOf(file)))) {
    if (await fails(tests)) {
      throw new Error(`${tests} fails in the copy of the unchanged code`)
    }
  }

  for (const [i, mutant] of drawn.entries()) {
    const isCaught = await isNoticed(mutant)
    console.log(`${i + 1}/${drawn.length} ${isCaught ? 'caught  ' : 'SURVIVED'} ${mutant.file}:${mutant.line} ${mutant.kind}: ${mutant.before.trim()} -> ${mutant.after.trim() || 'nothing'}`)

    if (!isCaught) {
      survivors.push(mutant)
    }
  }
} finally {
  await rm(copy, { recursive: true, force: true })
}

const caught = drawn.length - survivors.length
console.log(`${caught} of ${drawn.length} mutants caught, drawn from ${all.length} with seed ${values.seed}`)
process.exitCode = caught >= Math.min(Number(values.least), drawn.length) ? 0 : 1

async function findAll (): Promise<Mutant[]> {
  const files = Object.keys(TESTS).flatMap(folder => globSync(`src/${folder}/**/*.ts`, { cwd: root })).filter(file => !file.endsWith('types.ts')).toSorted()

  return (await Promise.all(files.map(async file => mutantsOf(file, await readFile(join(root, file), 'utf8'))))).flat()
}

/** Draws `count` mutants, at positions that depend on the seed */
function draw (all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const left = [...all]
  let state = seed

  return Array.from({ length: Math.min(count, all.length) }, () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    const place = ((mixed ^ (mixed >>> 14)) >>> 0) % left.length

    return left.splice(place, 1)[0] as Mutant
  })
}

function testsOf (file: string): readonly string[] {
  return TESTS[file.split('/')[1] ?? ''] ?? []
}

async function isNoticed ({ file, at, before, after }: Mutant): Promise<boolean> {
  const path = join(copy, file)
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.slice(0, at) + after + text.slice(at + before.length))

  try {
    for (const tests of testsOf(file)) {
      if (await fails(tests)) {
        return true
      }
    }

    return false
  } finally {
    await writeFile(path, text)
  }
}

async function fails (tests: string): Promise<boolean> {
  return new Promise(resolve => {
    execFile(process.execPath, [join(copy, 'node_modules/ava/entrypoints/cli.js'), '--fail-fast', tests], { cwd: copy, timeout: TIMEOUT, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 }, error => { resolve(error != null) })
  })
}
