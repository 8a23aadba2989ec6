// Runs benches and writes their output into docs/internals/benchmarks.md, with the commit and the machine: `node bench/write-docs.ts [SECTION ...]`.
// Without a section it runs all of them, which takes half an hour on an otherwise idle machine. Only `simulate` and `heldOut` do not need an idle machine.
// Exits with 1 if a claim of a bench is not met
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { machine } from './machine.ts'
import { asMarkdown, provenance, replaceSection, sectionNames } from './docs/sections.ts'

const PAGE = new URL('../docs/internals/benchmarks.md', import.meta.url)
const ROOT = new URL('../', import.meta.url)

/** The command of each section of the page */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  simulate: ['bench/simulate.ts', '--peers', '1000', '--summary'],
  heldOut: ['bench/simulate.ts', '--held-out', '--peers', '100', '--summary'],
  blackhole: ['bench/blackhole.ts'],
  overhead: ['--expose-gc', 'bench/overhead.ts'],
  network: ['bench/network/run.ts']
}

const page = await readFile(PAGE, 'utf8')
const wanted = process.argv.length > 2 ? process.argv.slice(2) : sectionNames(page)
const unknown = wanted.filter(name => COMMANDS[name] == null)

if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}\nsections: ${Object.keys(COMMANDS).join(', ')}`)
  process.exit(2)
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
// a hash alone would not identify uncommitted changes
const commit = { hash: git('rev-parse', '--short=10', 'HEAD'), isChanged: git('status', '--porcelain', '--', 'src', 'presets', 'bench') !== '' }
let text = page

for (const name of wanted) {
  const command = COMMANDS[name] ?? []
  const { output, code } = await run(command)
  text = replaceSection(text, name, `${provenance({ command, commit, machine: machine() })}\n\n${asMarkdown(output)}`)
  await writeFile(PAGE, text)
  process.exitCode = code === 0 ? process.exitCode : 1
}

async function run (command: readonly string[]): Promise<{ output: string, code: number }> {
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', chunk => { chunks.push(chunk) })
  const [code] = await once(child, 'close') as [number]

  return { output: Buffer.concat(chunks).toString(), code }
}
