import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, cands, dialled, tryOut } from '../testing/try-out.ts'

test('sequential() starts the next attempt when the last has failed', async t => {
  const trial = tryOut(t, pipeline(sequential(), race()))
  trial.script([cand(1)], { refuses: 700 })
  trial.script([cand(3)], { connects: 10 })
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.rest()
  // the second attempt is silent, and ends after the node's 6 s
  t.deepEqual(dialled(trial), ['1 @0', '2 @700', '3 @6700'])
})

test('sequential() below stagger() still runs one attempt at a time', async t => {
  const trial = tryOut(t, pipeline(stagger(10), sequential(), race()))
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0'])
})
