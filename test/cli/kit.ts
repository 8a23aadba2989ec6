import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/run.ts'
import type { CliEnvironment } from '../../src/cli/context.ts'

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs a command in this process, and returns its output */
export async function cli (args: readonly string[], surroundings: Partial<CliEnvironment> & { columns?: number } = {}): Promise<Ran> {
  const out = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({ columns: surroundings.columns ?? 80, write: (text: string) => { out[name] += text } })
  const code = await run(args, { stdout: stream('stdout'), stderr: stream('stderr'), env: {}, signal: new AbortController().signal, ...surroundings })

  return { code, ...out }
}

/** Creates a folder that is removed when it goes out of scope */
export async function folder (): Promise<AsyncDisposable & { file (name: string, text: string): Promise<string>, path (name: string): string }> {
  const root = await mkdtemp(join(tmpdir(), 'dial-'))

  return {
    path: name => join(root, name),
    file: async (name, text) => {
      await writeFile(join(root, name), text)

      return join(root, name)
    },
    [Symbol.asyncDispose]: async () => rm(root, { recursive: true })
  }
}

/** Returns the length of the longest line in characters */
export function widest (text: string): number {
  return Math.max(...text.split('\n').map(line => line.length))
}
