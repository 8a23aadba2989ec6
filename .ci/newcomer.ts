// A new user's first ten minutes, from the pages alone: `node .ci/newcomer.ts TARBALL PAGE...` installs the package into an empty folder with the
// commands of the first page, then saves and runs every program of the pages in order. Exits 1 at the first that fails
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { blocksIn } from '../test/docs/blocks.ts'

const NAME = 'libp2p-dial-pipeline'

/** Milliseconds for one program */
const LIMIT = 30_000

const run = promisify(execFile)
const [tarball = '', ...pages] = process.argv.slice(2)
const texts = await Promise.all(pages.map(async page => readFile(page, 'utf8')))
const packages = Array.from((texts[0] ?? '').matchAll(/^npm install (.*)$/gm), ([, names = '']) => names.split(' ')).flat()

if (!packages.includes(NAME)) {
  throw new Error(`${pages[0]} has no line "npm install ${NAME}"`)
}

const scratch = await mkdtemp(join(tmpdir(), 'newcomer-'))
const folder = join(scratch, 'dial')
let ran = 0

try {
  await mkdir(folder)
  await run('npm', ['init', '--yes'], { cwd: folder })
  // nobody can install what is not published yet: the tarball stands in for the name
  await run('npm', ['install', ...packages.map(name => name === NAME ? resolve(tarball) : name)], { cwd: folder })

  for (const [i, page] of pages.entries()) {
    for (const { line, code, output, run: isRun } of blocksIn(texts[i] ?? '', page)) {
      if (isRun) {
        await runProgram(`${page}:${line}`, code, output)
      }
    }
  }
} finally {
  await rm(scratch, { recursive: true, force: true })
}

process.stdout.write(`${ran} programs of ${pages.join(' and ')} ran in an empty folder\n`)

async function runProgram (name: string, code: string, output?: string): Promise<void> {
  const file = join(folder, `${++ran}.mjs`)
  await writeFile(file, code)
  const { stdout } = await run(process.execPath, [file], { cwd: folder, timeout: LIMIT }).catch((err: Error) => {
    throw new Error(`${name} does not run from an empty folder`, { cause: err })
  })

  if (output != null && stdout.trim() !== output.trim()) {
    throw new Error(`${name} prints:\n${stdout}\nand not, as the page says:\n${output}`)
  }

  process.stdout.write(`${name} runs\n`)
}
