import { Worker } from 'node:worker_threads'
import type { CaseResult } from './case.ts'
import type { Batch, Report } from './worker.ts'

export interface PoolInit {
  from: number
  cases: number
  workers?: number
  /** Milliseconds of real time after which a case in which the event loop does not turn is frozen */
  silence?: number
  /** The module that exports `runCase` */
  module?: URL
  onResult: (result: CaseResult) => void
}

const BATCH = 20

/** How often the silence a case may go on that is slow, and not frozen */
const SLOW = 12

/** A worker that has said nothing yet is reading modules, in milliseconds */
const STARTUP = 60_000

/**
 * Runs the cases of many seeds in workers. The seed of one that freezes, or kills its worker, is reported as a violation, and
 * a new worker goes on with the next.
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

/** Resolves when there is nothing to do; with what is left of its batch when a case has ended the worker */
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
