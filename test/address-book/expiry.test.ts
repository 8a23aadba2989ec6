import test from 'ava'
import { Expiry } from '../../src/address-book/expiry.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** Returns the number of items that each turn of a sweep looks at */
function turnsOf (count: number, isEnded: boolean): number[] {
  const turns: number[] = []
  let looked = 0
  const expiry = new Expiry(new VirtualClock(), () => Array.from({ length: count }, (_, n) => n), () => {
    looked++

    return isEnded
  })

  for (let hasMore = true; hasMore;) {
    hasMore = expiry.sweep()
    turns.push(looked)
    looked = 0
  }

  return turns
}

test('a sweep looks at up to 10,000 addresses in one turn of the event loop when none has an expired report', t => {
  t.deepEqual([1, 10_000, 10_001].map(count => turnsOf(count, false)), [[1], [10_000], [10_000, 1]])
})

test('a sweep looks at up to 200 addresses in one turn of the event loop when each has an expired report', t => {
  t.deepEqual([0, 1, 200, 201, 400].map(count => turnsOf(count, true)), [[0], [1], [200], [200, 1], [200, 200]])
})

test('a finished sweep can start again', t => {
  let count = 0
  const expiry = new Expiry(new VirtualClock(), () => [1, 2], () => {
    count++

    return false
  })
  t.deepEqual([expiry.sweep(), expiry.sweep(), count], [false, false, 4])
})
