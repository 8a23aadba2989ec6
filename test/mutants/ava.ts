import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'

/** Milliseconds until ava is killed, because a mutated loop may never end */
const TIMEOUT = 900_000

export interface Failure {
  /** The line of ava that says what failed */
  readonly line: string
  /** The test file, unless ava names none */
  readonly test?: string
}

/** Runs test files of a copy of the code, and returns what failed, at least one failure unless all tests passed */
export async function findFailures (copy: string, tests: readonly string[], flags: readonly string[], env: NodeJS.ProcessEnv): Promise<Failure[]> {
  const ava = spawn(process.execPath, [join(copy, 'node_modules/ava/entrypoints/cli.js'), ...flags, ...tests], {
    cwd: copy,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore']
  })
  // with its processes, which do not end when they loop
  const timer = setTimeout(() => { process.kill(-(ava.pid as number), 'SIGKILL') }, TIMEOUT)
  const closed = new Promise<number | null>(resolve => { ava.once('close', resolve) })
  const lines = stripVTControlCharacters(await text(ava.stdout)).split('\n').filter(line => /^ *[✘✖×]/.test(line))
  const code = await closed
  clearTimeout(timer)

  if (code === 0) {
    return []
  }

  return lines.length === 0 ? [{ line: `ava ended with ${code}` }] : lines.map(line => ({ line: line.trim(), test: testOf(line, tests) }))
}

/** Returns the test file of a line such as `✘ dials › joins › shares a dial`. The line leaves out the folders that all files share */
function testOf (line: string, tests: readonly string[]): string | undefined {
  const namesOf = (test: string): string[] => test.replace(/\.test\.ts$/, '').split('/')
  const candidates = tests.length === 1 ? [...tests] : tests.filter(test => line.includes(test) || line.includes(` ${namesOf(test).at(-1)} › `))

  return candidates.toSorted((a, b) => sharedNames(b) - sharedNames(a))[0]

  function sharedNames (test: string): number {
    return namesOf(test).filter(name => line.includes(` ${name} › `)).length
  }
}
