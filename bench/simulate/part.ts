// Measures some of the peers of a family for parts.ts, in a thread
import { parentPort, workerData } from 'node:worker_threads'
import { dialers, furtherDialers } from './dialers.ts'
import { families } from './families.ts'
import { heldOut } from './held-out.ts'
import { measure } from './measure.ts'
import type { PartOrder } from './parts.ts'

/** The number of peers between two reports of the thread's progress */
const TOLD = 20

const order = workerData as PartOrder
const family = [...families, ...heldOut].find(({ name }) => name === order.family)
const dialer = [...dialers, ...furtherDialers].find(({ name }) => name === order.dialer)

if (family == null || dialer == null) {
  throw new Error(`unknown: ${order.family}, ${order.dialer}`)
}

const measurement = await measure({
  family,
  dialer,
  peers: order.peers,
  first: order.first,
  seed: order.seed,
  onProgress: done => {
    if (done % TOLD === 0) {
      parentPort?.postMessage(TOLD, [])
    }
  }
})
parentPort?.postMessage(measurement, [])
