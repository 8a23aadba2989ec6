// cost of a dial, as far as it does not depend on the machine. bench/overhead.ts measures the time
import { promiseHooks } from 'node:v8'
import test from 'ava'
import { noOpNode } from '../../bench/no-op-node.ts'
import { targets } from '../../bench/targets.ts'
import { adaptive, staggered } from '../../presets/index.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

interface Counts {
  promises: number
  controllers: number
  listeners: number
}

/** Dials per measurement */
const DIALS = 21

/** Counts what each dial allocates. Nothing else may run at that time */
async function countEach (dial: (target: Multiaddr[]) => Promise<unknown>, all: readonly Multiaddr[][]): Promise<Counts[]> {
  const counts = { promises: 0, controllers: 0, listeners: 0 }
  const each: Counts[] = []
  const { AbortController: Original } = globalThis
  const { addEventListener } = EventTarget.prototype
  const stop = promiseHooks.onInit(() => { counts.promises++ })

  globalThis.AbortController = class extends Original {
    constructor () {
      super()
      counts.controllers++
    }
  }
  EventTarget.prototype.addEventListener = function (...args: Parameters<EventTarget['addEventListener']>) {
    counts.listeners++
    addEventListener.apply(this, args)
  }

  try {
    for (const target of all) {
      const { promises, controllers, listeners } = counts
      await dial(target)
      each.push({ promises: counts.promises - promises, controllers: counts.controllers - controllers, listeners: counts.listeners - listeners })
    }
  } finally {
    stop()
    globalThis.AbortController = Original
    EventTarget.prototype.addEventListener = addEventListener
  }

  return each
}

/** Returns the median of each count: on a busy machine a late answer makes `adaptive()` start another attempt */
async function costOf (pipeline: DialPipeline, { addresses, refused = 0 }: { addresses: number, refused?: number }): Promise<Counts> {
  const node = await noOpNode(pipeline, { refused })
  const dial = async (target: Multiaddr[]): Promise<unknown> => node.dial(target)

  await countEach(dial, targets(DIALS, addresses))
  const each = await countEach(dial, targets(DIALS, addresses))
  await node.stop()
  const median = (count: keyof Counts): number => each.map(one => one[count]).toSorted((a, b) => a - b)[(DIALS - 1) / 2] as number

  return { promises: median('promises'), controllers: median('controllers'), listeners: median('listeners') }
}

/** Maximum promises, with a margin for later Node.js versions. libp2p's own dialer makes 45 with one address and 73 with eight */
const MOST = { 'staggered()': 55, 'adaptive()': 65 }

const MAX_OF_A_FAILURE = 15

const DIALERS = [['staggered()', staggered()], ['adaptive()', adaptive()]] as const

for (const [name, pipeline] of DIALERS) {
  test.serial(`a dial of ${name} makes few promises, one AbortController and no listener, for one and eight addresses`, async t => {
    for (const addresses of [1, 8]) {
      const { promises, controllers, listeners } = await costOf(pipeline, { addresses })
      t.true(promises <= MOST[name], `${addresses} addresses: ${promises} promises`)
      t.is(controllers, 1)
      t.is(listeners, 0)
    }
  })

  test.serial(`a failed attempt of ${name} makes few promises and one AbortController`, async t => {
    const one = await costOf(pipeline, { addresses: 8 })
    const { promises, controllers, listeners } = await costOf(pipeline, { addresses: 8, refused: 7 })
    t.true((promises - one.promises) / 7 <= MAX_OF_A_FAILURE, `${(promises - one.promises) / 7} promises`)
    t.is(controllers, 8)
    t.is(listeners, 0)
  })
}
