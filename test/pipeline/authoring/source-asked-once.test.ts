import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { bareAddress, cands, runStage, said, short } from '../../testing/try-out.ts'
import type { FindAddresses } from '../../../src/pipeline/authoring/findings.ts'

test('source() asks for an array once in a run', async t => {
  let asked = 0
  const init = source('more', () => [bareAddress(++asked)])
  const trial = await runStage(t, init, [], { ms: 0 })
  trial.target.invalidate()
  await trial.settle()
  trial.give({ candidates: cands(9) })
  await trial.settle()
  t.deepEqual(said(trial), ['1', '9 1'])
  t.is(asked, 1)

  const another = await runStage(t, init, [], { ms: 0 })
  t.deepEqual(said(another), ['2'])
})

test('a live source is asked each time the list is made, and its answer replaces the previous one', async t => {
  let found = [bareAddress(1)]
  const trial = await runStage(t, source('more', () => found, { live: true }), [], { ms: 0 })
  const [one] = trial.last?.candidates ?? []
  found = [bareAddress(2), bareAddress(1)]
  trial.target.invalidate()
  await trial.settle()
  found = [bareAddress(2)]
  trial.target.invalidate()
  await trial.settle()

  t.deepEqual(said(trial), ['1', '2 1', '2'])
  t.is(trial.outputs[1]?.candidates[1], one)
})

test('a live source that answers the same items again has them read once', async t => {
  let reads = 0
  const address = bareAddress(1)
  const { getComponents } = address
  address.getComponents = () => {
    reads++

    return getComponents.call(address)
  }
  const trial = await runStage(t, source('more', () => [address], { live: true }), [], { ms: 0 })
  const before = reads
  trial.target.invalidate()
  await trial.settle()

  t.true(before > 0)
  t.is(reads, before)
  t.deepEqual(said(trial), ['1'])
})

test('source() asks for an async iterable once in a dial', async t => {
  let asked = 0
  const init = source('more', async function * (dial) {
    asked++
    yield bareAddress(1)
    await sleep(100, dial.clock, dial.signal)
    yield bareAddress(2)
  })
  const trial = await runStage(t, init, [], { ms: 50 })
  trial.target.invalidate()
  await trial.rest()
  trial.target.invalidate()
  await trial.rest()

  t.is(asked, 1)
  t.is(said(trial).at(-1), '1 2')
  t.deepEqual(said(trial), ['…', '1 …', '1 2'])

  await runStage(t, init, [])
  t.is(asked, 2)
})

test('source() asks for a promise of an array once in a dial', async t => {
  let asked = 0
  const init = source('more', async ({ clock, signal }) => {
    asked++
    await sleep(100, clock, signal)

    return [bareAddress(1), bareAddress(2), bareAddress(1)]
  })
  const trial = await runStage(t, init, cands(3), { ms: 50 })
  t.deepEqual(said(trial), ['3 …'])
  await trial.rest()
  t.is(said(trial).at(-1), '3 1 2')
  trial.target.invalidate()
  await trial.rest()
  t.is(said(trial).at(-1), '3 1 2')
  t.is(asked, 1)

  await runStage(t, init, [])
  t.is(asked, 2)
})

test('source() ends its iteration with the dial', async t => {
  let ended = false
  const trial = await runStage(t, source('more', async function * () {
    try {
      yield bareAddress(1)
      yield bareAddress(2)
      await new Promise(() => {})
    } finally {
      ended = true
    }
  }), [], { ms: 0 })
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  // the generator waits for ever, and cannot be ended
  t.false(ended)
  t.is(short(trial.ids), '1 2')
})

test('a live source that reads the target sees the address of a caller that joins', async t => {
  const trial = await runStage(t, source('mine', dial => dial.target.multiaddrs, { live: true }), cands(1), { ms: 0, from: 'target' })
  trial.give({ candidates: cands(2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1', '1 2'])
})

for (const [kind, find] of [['an async function', async () => [bareAddress(1)]], ['an async generator', async function * () { yield bareAddress(1) }]] as const) {
  test(`source() refuses ${kind} with live: true`, t => {
    t.throws(() => source('more', find, { live: true }), { name: 'InvalidPipelineError', message: /^source\("more"\) with live: true needs a function that returns an array, not an async function: .* Leave out live/ })
    t.notThrows(() => source('more', find, { live: false }))
  })
}

test('a live source that returns a promise is asked once', async t => {
  let asked = 0
  const cached = { async read () { return [bareAddress(++asked)] } }
  const find: FindAddresses = Function.prototype.call.bind(cached.read)
  const trial = await runStage(t, source('more', find, { live: true }), [], { ms: 0 })
  trial.target.invalidate()
  await trial.settle()
  t.is(asked, 1)
  t.is(said(trial).at(-1), '1')
})
