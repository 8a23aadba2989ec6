import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { fromAddressBook } from '../../src/stages/from-address-book.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { numberedAddress, randomAddress } from './addresses.ts'
import { never } from './fuzz-clock.ts'
import { oddNumber } from './random.ts'
import type { Random } from './random.ts'
import type { FindAddresses, Found } from '../../src/pipeline/authoring/findings.ts'
import type { AnyStage, Dial } from '../../src/pipeline/types.ts'

const WHEN = ['always', 'empty', 'exhausted'] as const

const some = (random: Random, dial: Dial, count = 4): Found[] => random.list(count, () => randomAddress(random, dial.target.peerId))

/** Returns a function that finds arrays. A live source calls it whenever the list is made */
function liveArray (random: Random): FindAddresses {
  let asked = 0
  const fixed = random.list(4, () => numberedAddress(random.below(8)))

  return random.pick<FindAddresses>([
    () => fixed,
    () => fixed.toReversed(),
    dial => fixed.map(one => candidate(one, dial.target.peerId, { isCertified: asked++ % 2 === 0 })),
    dial => Array.from({ length: 3 }, () => numberedAddress(++asked, dial.target.peerId)),
    () => Array.from({ length: 300 }, (_, i) => numberedAddress(i % 5)),
    () => asked++ % 3 === 0 ? [] : fixed,
    () => { throw new Error('the source threw') }
  ])
}

function promised (random: Random): FindAddresses {
  const ms = random.below(4_000)

  return random.pick<FindAddresses>([
    async dial => sleep(ms, dial.clock, dial.signal).then(() => some(random, dial)),
    async dial => sleep(ms, dial.clock, new AbortController().signal).then(() => some(random, dial)),
    async dial => some(random, dial),
    never,
    async () => { throw random.pick([new Error('the source rejected'), undefined]) as Error }
  ])
}

function iterable (random: Random, traits: Set<string>): FindAddresses {
  const ms = random.below(4_000)
  const how = random.below(13)
  traits.add('iterable')

  switch (how) {
    case 0: return async function * (dial) { yield * some(random, dial) }
    case 1: return async function * (dial) {
      for (const one of some(random, dial)) {
        await sleep(ms, dial.clock, dial.signal)
        yield one
      }
    }
    case 2: return async function * () {
      while (true) {
        yield numberedAddress(1)
      }
    }
    case 3: return async function * (dial) {
      for (let n = 0; ; n++) {
        yield numberedAddress(n, dial.target.peerId)
      }
    }
    case 4: return async function * () { yield await never() }
    case 5: return async function * (dial) {
      yield * some(random, dial)
      throw new Error('the source threw later')
    }
    case 6: return async function * (dial) {
      yield * some(random, dial)
      await sleep(ms, dial.clock, new AbortController().signal)
      throw random.pick(['text', undefined]) as unknown as Error
    }
    case 7: return async function * (dial) {
      while (true) {
        await sleep(100 + ms, dial.clock, dial.signal)
        yield * some(random, dial, 2)
      }
    }
    default: return byHand(random, how)
  }
}

/** Returns iterators that differ from those of a generator function */
function byHand (random: Random, how: number): FindAddresses {
  const value = numberedAddress(random.below(9))
  const iterators: Array<AsyncIterator<Found>> = [
    { next: () => ({ done: false, value }) as any },
    { next: async () => ({ done: false, value }), return: async () => { throw new Error('return() rejected') } },
    { next: async () => ({ done: false, value }), return: () => { throw new Error('return() threw') } },
    { next: async () => never(), return: async () => never() },
    { next: () => { throw new Error('next() threw') } }
  ]

  return () => ({ [Symbol.asyncIterator]: () => iterators[how - 8] as AsyncIterator<Found> })
}

/** Returns answers that fail the whole dial, because the stage is broken */
function nonsense (random: Random): FindAddresses {
  return random.pick<any>([() => undefined, () => ['text'], () => 7, async () => undefined, async () => ['text'], async function * () { yield 'text' }, async function * () { yield undefined }])
}

export function randomSource (random: Random, traits: Set<string>): AnyStage {
  const when = random.pick(WHEN)
  const limit = random.chance(0.8) ? undefined : random.pick([0, 1, 5, 40])

  return random.weigh<() => AnyStage>([
    [6, fromCaller],
    [5, () => fromPeerStore({ when })],
    [5, () => fromRouting({ when })],
    [2, () => fromAddressBook({ when })],
    [3, () => source('live', liveArray(random), { when, limit, live: random.chance(0.8) })],
    [2, () => source('promise', promised(random), { when, limit, live: random.chance(0.3) })],
    [5, () => source('iterable', iterable(random, traits), { when, limit: oddNumber(random, limit ?? 256) })],
    [0.4, () => source('nonsense', nonsense(random), { when })]
  ])()
}
