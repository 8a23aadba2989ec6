import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, cands, dialled, tryOut } from '../testing/try-out.ts'

test('stagger() starts an attempt every 250 ms', async t => {
  const trial = tryOut(t, pipeline(stagger(), race()))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @250', '3 @500'])
})

test('stagger(40) starts an attempt every 40 ms', async t => {
  const trial = tryOut(t, pipeline(stagger(40), race()))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @40', '3 @80'])
})

test('stagger() starts at once when the last attempt in flight fails', async t => {
  const trial = tryOut(t, pipeline(stagger(), race()))
  trial.script([cand(1)], { refuses: 100 })
  trial.script([cand(3)], { refuses: 10 })
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @350', '4 @600'])
})
