import test from 'ava'
import { gather } from '../../../src/pipeline/authoring/gather.ts'
import { cands, said, tryOut } from '../../testing/try-out.ts'

test('gather() holds the list back for its time', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(20)
  trial.give({ candidates: cands(2, 1), complete: false })
  await trial.pass(29)
  t.deepEqual(said(trial), ['…'])
  await trial.pass(1)
  t.is(said(trial).at(-1), '2 1 …')
})

test('the time of gather() starts with the first candidate', async t => {
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

test('gather() passes a complete list on at once, and leaves no timer', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(10)
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.is(said(trial).at(-1), '1 2')
  t.is(trial.clock.pending, 0)
})

test('gather() waits once in a dial', async t => {
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

test('gather() waits in each dial separately', async t => {
  const init = gather(50)

  for (let i = 0; i < 2; i++) {
    const trial = tryOut(t, init)
    trial.give({ candidates: cands(1), complete: false })
    await trial.pass(49)
    t.deepEqual(said(trial), ['…'])
  }
})

test('gather() passes an empty complete list on at once', async t => {
  const trial = tryOut(t, gather(50))
  trial.give({ candidates: [] })
  await trial.settle()
  t.deepEqual(said(trial), [''])
})
