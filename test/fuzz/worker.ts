import { parentPort, workerData } from 'node:worker_threads'
import { watchFaults } from './faults.ts'
import type { CaseResult } from './case.ts'

/** What a worker is asked for */
export interface Batch {
  from: number
  count: number
}

/** What a worker says: the seed before each case, and the result after it; `done` when it has nothing to do; `alive` while its event loop turns */
export type Report = { begins: number } | { alive: true } | { result: CaseResult } | { done: true }

// oxlint-disable-next-line unicorn/require-post-message-target-origin
const report = (message: Report): void => { parentPort?.postMessage(message) }

// the module may be another: that is how the harness is tested
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
