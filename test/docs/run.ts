import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { root } from '../support/root.ts'
import type { Module } from './modules.ts'

const program = fileURLToPath(new URL('process.ts', import.meta.url))

/**
 * Runs modules one after another in one process. Returns the problems of each in words, by path. A module that fails, or does not end within `limit`
 * ms, ends the process. The modules after it run in a new one, so that its leftovers cannot affect them
 */
export async function problemsOf (modules: readonly Module[], limit: number): Promise<Map<string, string[]>> {
  const problems = new Map<string, string[]>()

  while (problems.size < modules.length) {
    const rest = modules.slice(problems.size)

    for (const [i, result] of (await run(rest.map(({ path }) => path), limit)).entries()) {
      const { block, path } = rest[i] as Module

      problems.set(path, verdict(block.output, result, limit))
    }
  }

  return problems
}

interface Result {
  stdout: string
  stderr: string
  ended: boolean
  /** The exit code of the process, null if it was killed. Undefined: it went on to the next module */
  code?: number | null
}

function verdict (expected: string | undefined, { stdout, stderr, ended, code }: Result, limit: number): string[] {
  const problems: string[] = []

  if (!ended) {
    problems.push(`did not end by itself within ${limit} ms`)
  } else if (code !== undefined) {
    problems.push(`exited with ${code}`)
  }

  if (expected != null && trimmed(stdout) !== trimmed(expected)) {
    problems.push(`printed something else than its output block says:\n${stdout}`)
  }

  return problems.length > 0 && stderr !== '' ? [...problems, stderr] : problems
}

/** Returns the results of the modules that ended, including the one that ended the process */
async function run (paths: readonly string[], limit: number): Promise<Result[]> {
  // a process group of its own, so that processes which a module started can be ended too
  const child = spawn(process.execPath, [program, ...paths], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const printed = { stdout: '', stderr: '' }
  let ended = true

  const timer = setTimeout(() => {
    ended = false
    endGroup(child.pid)
  }, limit)

  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text

      if (text.includes('\0')) {
        timer.refresh()
      }
    })
  }

  // unlike 'exit', 'close' also waits for other processes that hold the output
  const [code] = await once(child, 'close') as [number | null]
  clearTimeout(timer)

  const [stdout, stderr] = [printed.stdout.split('\0'), printed.stderr.split('\0')]
  const results = stdout.map((text, i): Result => ({ stdout: text, stderr: stderr[i] ?? '', ended: true }))

  if (results.length > paths.length && code !== 0) {
    throw new Error(`The process exited with ${code} after its last module: ${printed.stderr}`)
  }

  Object.assign(results.at(-1) as Result, { ended, code })

  return results.slice(0, paths.length)
}

function endGroup (pid: number | undefined): void {
  try {
    process.kill(-(pid ?? NaN), 'SIGKILL')
  } catch {
    // the process has already ended
  }
}

function trimmed (text: string): string {
  return text.split('\n').map(line => line.trimEnd()).join('\n').trimEnd()
}
