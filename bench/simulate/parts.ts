import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { measure } from './measure.ts'
import type { Measurement } from './measure.ts'

export interface PartOrder {
  readonly family: string
  readonly dialer: string
  readonly peers: number
  readonly first: number
  readonly seed: number
}

export interface MeasureInPartsInit {
  readonly family: Parameters<typeof measure>[0]['family']
  readonly dialer: Parameters<typeof measure>[0]['dialer']
  readonly peers: number
  readonly seed: number
  /** The number of threads */
  readonly jobs: number
  /** Called with the number of newly finished peers */
  readonly onProgress: (more: number) => void
}

/** Parts start at multiples of this: a node with a history dials 20 peers, so the number of parts does not change the result */
const MULTIPLE = 20

/** Measures a family in several threads. The result does not depend on their number */
export async function measureInParts ({ family, dialer, peers, seed, jobs, onProgress }: MeasureInPartsInit): Promise<Measurement> {
  if (jobs === 1) {
    return measure({ family, dialer, peers, seed, onProgress: () => { onProgress(1) } })
  }

  const size = Math.ceil(peers / jobs / MULTIPLE) * MULTIPLE
  const firsts = Array.from({ length: Math.ceil(peers / size) }, (_, i) => i * size)
  const parts = await Promise.all(firsts.map(async first => measureInThread({ family: family.name, dialer: dialer.name, peers: Math.min(size, peers - first), first, seed }, onProgress)))

  return { reached: parts.flatMap(({ reached }) => reached), unreachable: parts.flatMap(({ unreachable }) => unreachable) }
}

async function measureInThread (order: PartOrder, onProgress: (more: number) => void): Promise<Measurement> {
  const worker = new Worker(new URL('./part.ts', import.meta.url), { workerData: order })
  let measurement: Measurement | undefined
  worker.on('message', (message: number | Measurement) => {
    if (typeof message === 'number') {
      onProgress(message)
    } else {
      measurement = message
    }
  })
  await once(worker, 'exit')

  if (measurement == null) {
    throw new Error(`a part of ${order.family}, ${order.dialer} ended without a result`)
  }

  return measurement
}
