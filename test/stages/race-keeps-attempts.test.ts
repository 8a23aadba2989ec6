import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, cands, candsUpTo, dialled, isOver, runStage, tryOut, winners } from '../testing/try-out.ts'
import { historyAnswering, cancelledIn, failedIn, waitForSlots } from './wait-for-slots.ts'
import { withHistory } from './fake-history.ts'

test('no attempt gives way while none waits for a slot', async t => {
  const trial = await runStage(t, pipeline(stagger(100), race()), cands(1, 2))
  t.deepEqual(failedIn(trial), ['1 @6000', '2 @6100'])
})

test('an attempt that answered does not give way', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  trial.script([cand(1)], { connects: 3_000, firstResponse: 499 })
  await waitForSlots(trial, candsUpTo(2))
  await trial.pass(100)
  t.deepEqual(cancelledIn(trial), ['2'])
  await trial.pass(2_400)
  t.is(winners(trial), '1')
})

test('no attempt gives way when the waiting address is withdrawn', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  await waitForSlots(trial, candsUpTo(2), 200)
  await trial.pass(100)
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  await trial.pass(1_000)
  t.deepEqual([...cancelledIn(trial), ...failedIn(trial)], [])
})

test('no attempt gives way when the waiting address is withdrawn at that moment', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()), withHistory(historyAnswering(400)))
  // fires before timers that are set later
  trial.clock.setTimeout(() => { trial.give({ candidates: cands(1, 2) }) }, 400)
  await waitForSlots(trial, candsUpTo(2), 300)
  await trial.pass(500)
  t.true(isOver(trial, cand(3)))
  t.deepEqual([...cancelledIn(trial), ...failedIn(trial)], [])
})

test('no attempt gives way for one that gets its slot at once', async t => {
  const trial = tryOut(t, race())
  await waitForSlots(trial, cands(1), 3_000)
  await trial.pass(9)
  trial.host.hasSlots = true
  await trial.pass(100)
  t.deepEqual([...cancelledIn(trial), ...failedIn(trial)], [])
  t.deepEqual(dialled(trial), ['1 @0', '2 @3009'])
})
