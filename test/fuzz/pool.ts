import { Worker } from 'node:worker_threads'
import type { CaseResult } from './case.ts'
import type { Batch, Report } from './worker.ts'

export interface PoolInit {
  from: number
  cases: number
  workers?: number
  /** Milliseconds of real time after which a case is frozen if the event loop has not turned */
  silence?: number
  /** The module that exports `runCase` */
  module?: URL
  onResult: (result: CaseResult) => void
}

const BATCH = 20

/** A slow case may take this many times the silence before it counts as frozen */
const SLOW = 12

/** Milliseconds in which a new worker loads its modules */
const STARTUP = 60_000

/**
 * Runs the cases of many seeds in workers. A seed that freezes or kills its worker is reported as a violation, and a new worker continues with the
 * next seed
 */
export async function runCases ({ from, cases, workers = 2, silence = 10_000, module = new URL('case.ts', import.meta.url), onResult }: PoolInit): Promise<void> {
  const end = from + cases
  let next = from

  function take (): Batch | undefined {
    const batch = { from: next, count: Math.min(BATCH, end - next) }
    next += batch.count

    return batch.count > 0 ? batch : undefined
  }

  await Promise.all(Array.from({ length: workers }, async () => {
    let left: Batch | undefined

    do {
      left = await runWorker({ left, take, silence, module, onResult })
    } while (left != null)
  }))
}

interface WorkerInit extends Required<Pick<PoolInit, 'silence' | 'module' | 'onResult'>> {
  left?: Batch
  take: () => Batch | undefined
}

/** Runs batches until there are none. If a case ends the worker, returns the rest of its batch */
async function runWorker ({ left, take, silence, module, onResult }: WorkerInit): Promise<Batch | undefined> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { cases: module.href }, resourceLimits: { maxOldGenerationSizeMb: 1_024 } })
  let batch = left
  let pending = left
  let seed: number | undefined
  let begunAt = Infinity

  return new Promise<Batch | undefined>((resolve, reject) => {
    let timer = setTimeout(() => { lose('said nothing when it began') }, STARTUP)

    function leave (rest?: Batch): void {
      clearTimeout(timer)
      worker.removeAllListeners()
      worker.on('error', () => {})
      void worker.terminate()
      resolve(rest)
    }

    function lose (why: string): void {
      if (seed == null || batch == null) {
        clearTimeout(timer)
        reject(new Error(`A worker of the fuzz ${why}`))
        return
      }

      onResult({ seed, violations: [why], statistics: {}, digest: 0 })
      const count = batch.from + batch.count - seed - 1
      leave({ from: seed + 1, count })
    }

    worker.on('error', err => { lose(`the worker died: ${String(err)}`) })
    worker.on('exit', () => { lose('the worker ended') })
    worker.on('message', (report: Report) => {
      clearTimeout(timer)

      if ('begins' in report) {
        seed = report.begins
        begunAt = performance.now()
      } else if ('alive' in report) {
        if (performance.now() - begunAt > SLOW * silence) {
          lose(`slow: went on for ${SLOW * silence} ms`)
          return
        }
      } else if ('result' in report) {
        begunAt = Infinity
        onResult(report.result)
      } else {
        batch = pending ?? take()
        pending = undefined

        if (batch == null) {
          leave()
          return
        }

        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        worker.postMessage(batch)
      }

      timer = setTimeout(() => { lose(`frozen: silent for ${silence} ms`) }, silence)
    })
  })
}
