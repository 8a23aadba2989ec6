import test from 'ava'
import { Follow } from '../../src/pipeline/follow.ts'
import { Wake } from '../../src/pipeline/wake.ts'
import { settled } from '../../src/testing/virtual-clock.ts'

async function * numbers (...values: number[]): AsyncGenerator<number> {
  yield * values
}

test('gives what the source yields, one after another', async t => {
  const wake = new Wake()
  const follow = new Follow(numbers(1, 2), wake)
  const taken: Array<number | undefined> = []

  while (!follow.done) {
    await wake.wait(new AbortController().signal)
    taken.push(follow.take())
  }

  t.deepEqual(taken.filter(one => one != null), [1, 2])
  t.is(follow.take(), undefined)
})

test('pulls no more than one value ahead', async t => {
  let pulled = 0
  const follow = new Follow((async function * () {
    while (true) {
      pulled++
      yield pulled
    }
  })(), new Wake())

  await settled()
  t.is(pulled, 1)
  t.is(follow.take(), 1)
  t.is(follow.take(), undefined)
  await settled()
  t.is(pulled, 2)
})

test('what the source throws is thrown to whoever takes', async t => {
  const error = new Error('Broken')
  const wake = new Wake()
  const follow = new Follow({ [Symbol.asyncIterator]: () => ({ next: async () => { throw error } }) }, wake)
  await wake.wait(new AbortController().signal)
  t.is(t.throws(() => follow.take()), error)
})

test('leaving ends the source, and hands over what it had pulled', async t => {
  let ended = false
  const follow = new Follow((async function * () {
    try {
      yield 1
      yield 2
    } finally {
      ended = true
    }
  })(), new Wake())
  await settled()
  const late: number[] = []
  follow.leave(one => { late.push(one) })
  await settled()
  t.true(ended)
  t.deepEqual(late, [1])
})

test('what a parked source yields after all is handed over', async t => {
  let yieldIt = (): void => {}
  const follow = new Follow((async function * () {
    await new Promise<void>(resolve => { yieldIt = resolve })
    yield 1
  })(), new Wake())
  await settled()
  const late: number[] = []
  follow.leave(one => { late.push(one) })
  await settled()
  t.deepEqual(late, [])
  yieldIt()
  await settled()
  t.deepEqual(late, [1])
})

test('a source that cannot be ended is left all the same', async t => {
  const broken = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: 1 }),
      return: () => { throw new Error('No') }
    })
  }
  const rejecting = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: 1 }),
      return: async () => { throw new Error('No') }
    })
  }
  const endless = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: 1 }) }) }

  for (const source of [broken, rejecting, endless]) {
    const follow = new Follow(source, new Wake())
    await settled()
    t.notThrows(() => { follow.leave() })
  }

  await settled()
})

test('a failure after leaving troubles nobody', async t => {
  let fail = (_error: Error): void => {}
  const follow = new Follow((async function * () {
    await new Promise((_resolve, reject) => { fail = reject })
    yield 1
  })(), new Wake())
  await settled()
  follow.leave()
  fail(new Error('Too late'))
  await settled()
  t.pass()
})
