import { parentPort, workerData } from 'node:worker_threads'
import { watchFaults } from './faults.ts'
import type { CaseResult } from './case.ts'

/** The task of a worker */
export interface Batch {
  from: number
  count: number
}

/** The messages of a worker: the seed before each case and its result, `alive` while the event loop turns, and `done` at the end of a batch */
export type Report = { begins: number } | { alive: true } | { result: CaseResult } | { done: true }

// oxlint-disable-next-line unicorn/require-post-message-target-origin
const report = (message: Report): void => { parentPort?.postMessage(message) }

// the path is a parameter, because the tests of the harness pass another module
const { runCase } = await import(workerData.cases) as { runCase: (seed: number) => Promise<CaseResult> }

watchFaults()

setInterval(() => { report({ alive: true }) }, 500).unref()

parentPort?.on('message', (batch: Batch) => { void run(batch) })

report({ done: true })

async function run ({ from, count }: Batch): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    report({ begins: seed })
    report({ result: await runCase(seed).catch(err => ({ seed, violations: [`the case threw ${String(err?.stack ?? err)}`], statistics: {}, digest: 0 })) })
  }

  report({ done: true })
}
