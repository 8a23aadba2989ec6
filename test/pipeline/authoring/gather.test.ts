import test from 'ava'
import { gather } from '../../../src/pipeline/authoring/gather.ts'
import { cands, said, tryOut } from '../../testing/try-out.ts'

test('holds the list back for its time', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(20)
  trial.give({ candidates: cands(2, 1), complete: false })
  await trial.pass(29)
  t.deepEqual(said(trial), ['…'])
  await trial.pass(1)
  t.is(said(trial).at(-1), '2 1 …')
})

test('counts from when there is something in it', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: [], complete: false })
  await trial.pass(1_000)
  t.is(trial.clock.pending, 0)
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(49)
  t.is(said(trial).at(-1), '…')
  await trial.pass(1)
  t.is(said(trial).at(-1), '1 …')
})

test('a complete list goes through at once, and nothing waits any more', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(10)
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.is(said(trial).at(-1), '1 2')
  t.is(trial.clock.pending, 0)
})

test('waits once a dial', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(50)
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.settle()
  t.is(said(trial).at(-1), '1 2 …')
  trial.give({ candidates: [], complete: false })
  trial.give({ candidates: cands(3), complete: false })
  await trial.settle()
  t.is(said(trial).at(-1), '3 …')
})

test('each dial waits for itself', async t => {
  const init = gather(50)

  for (let i = 0; i < 2; i++) {
    const trial = tryOut(t, init)
    trial.give({ candidates: cands(1), complete: false })
    await trial.pass(49)
    t.deepEqual(said(trial), ['…'])
  }
})

test('an empty complete list is no reason to wait', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: [] })
  await trial.settle()
  t.deepEqual(said(trial), [''])
})
