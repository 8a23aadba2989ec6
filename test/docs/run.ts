import { spawn } from 'node:child_process'
import { root } from '../support/root.ts'
import type { Module } from './modules.ts'

/** Runs a module in a process of its own. Gives what is wrong, in words; nothing where all is as the block says */
export async function problemsOf ({ block, path }: Module, limit: number): Promise<string[]> {
  const { code, ended, stdout, stderr } = await run(path, limit)
  const problems: string[] = []

  if (!ended) {
    problems.push(`did not end by itself within ${limit} ms`)
  } else if (code !== 0) {
    problems.push(`exited with ${code}`)
  }

  if (block.output != null && trimmed(stdout) !== trimmed(block.output)) {
    problems.push(`printed something else than its output block says:\n${stdout}`)
  }

  return problems.length > 0 && stderr !== '' ? [...problems, stderr] : problems
}

interface Result {
  code: number | null
  ended: boolean
  stdout: string
  stderr: string
}

async function run (path: string, limit: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    // a group of its own, so that what it started can be ended with it
    const child = spawn(process.execPath, [path], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const result: Result = { code: null, ended: true, stdout: '', stderr: '' }

    const timer = setTimeout(() => {
      result.ended = false
      endGroup(child.pid)
    }, limit)

    child.stdout.setEncoding('utf8').on('data', (text: string) => { result.stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { result.stderr += text })
    child.on('error', reject)
    // unlike 'exit', it waits for whoever else holds the process's output
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ ...result, code })
    })
  })
}

function endGroup (pid: number | undefined): void {
  try {
    process.kill(-(pid ?? NaN), 'SIGKILL')
  } catch {
    // it ended in the meantime
  }
}

function trimmed (text: string): string {
  return text.split('\n').map(line => line.trimEnd()).join('\n').trimEnd()
}
