// Measures the heap of running dials whose attempts are all silent, in a process of its own. pending.ts starts it; by hand:
// node --expose-gc bench/pending/active.ts 'staggered()' 8
import { setTimeout } from 'node:timers/promises'
import { pipelineOf, STOCK } from './dialers.ts'
import { flattenedSum, liveBytes } from './heap.ts'
import { ManyDials } from './many-dials.ts'
import { hangingNode } from './node.ts'

export interface ActiveDials {
  /** Bytes of heap for each running dial, including what its transport holds */
  heap: number
  /** Attempts in flight for each dial */
  attempts: number
}

const WARM_UP = 20
const DIALS = 120
/** The size of a group of dials. A small group, started apart from the others, does not compete for turns of the event loop */
const AT_ONCE = 4
const APART = 80
/** Milliseconds within which all attempts have to begin: otherwise the measurement is repeated */
const DEADLINE = 15_000
const TRIES = 5

const [dialer = '', addresses = ''] = process.argv.slice(2)
await measure(WARM_UP)
let measured: ActiveDials | undefined

for (let i = 0; i < TRIES && measured == null; i++) {
  measured = await measure(DIALS)
}

if (measured == null) {
  throw new Error('Attempts have not begun in time: the machine is too busy')
}

console.log(JSON.stringify({ ...measured, flattened: flattenedSum() }))

/** Measures `count` running dials. Returns undefined if an attempt has not begun in time */
async function measure (count: number): Promise<ActiveDials | undefined> {
  const node = await hangingNode(pipelineOf(dialer), count)
  // libp2p's own dialer makes one attempt at a time
  const attempts = dialer === STOCK ? 1 : Number(addresses)
  const groups = Array.from({ length: count / AT_ONCE }, () => new ManyDials({ count: AT_ONCE, addresses: Number(addresses) }))
  const before = await liveBytes()
  const deadline = performance.now() + DEADLINE

  for (const dials of groups) {
    await dials.enqueue(node)
    await setTimeout(APART)
  }

  while (node.silent < count * attempts && performance.now() < deadline) {
    await setTimeout(100)
  }

  const isComplete = node.silent === count * attempts
  const heap = (await liveBytes() - before) / count
  node.answer()
  await Promise.all(groups.map(async dials => dials.settled()))
  await node.stop()

  return isComplete ? { heap, attempts } : undefined
}
