import test from 'ava'
import { rank } from '../../src/pipeline/authoring/rank.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { take } from '../../src/stages/take.ts'
import { cand, cands, dialled, reason, said, tryOut } from '../testing/try-out.ts'

test('keeps the first of the list', async t => {
  const trial = tryOut(t, take(2))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
  t.is(reason(trial, cand(3)), 'not among the first 2')
})

test('the node says how many, where it does not', async t => {
  const trial = tryOut(t, take(), { components: () => ({ settings: { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 1 } }) })
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
})

test('what was too much may be among the first later', async t => {
  const trial = tryOut(t, take(1))
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  trial.give({ candidates: cands(2, 1) })
  await trial.settle()
  t.deepEqual(said(trial), ['1', '2'])
  t.is(reason(trial, cand(2)), undefined)
  t.is(reason(trial, cand(1)), 'not among the first 1')
})

test('an address that has failed and sinks in the order lets in no other', async t => {
  const failedLast = rank('failed-last', (one, other, dial) => Number(dial.tried(one)) - Number(dial.tried(other)))
  const trial = tryOut(t, pipeline(failedLast, take(2), race()))
  trial.script(cands(1, 2, 3, 4), { refuses: 10 })
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
  t.true(trial.ended)
})

test('of nothing there is nothing', async t => {
  const trial = tryOut(t, take(0))
  trial.give({ candidates: cands(1) })
  await trial.settle()
  t.deepEqual(said(trial), [''])
})

test('what is no number of addresses is an error at once', t => {
  for (const nonsense of [-1, 1.5, Number.NaN, '2'] as any[]) {
    t.throws(() => take(nonsense), { name: 'InvalidPipelineError' })
  }

  t.notThrows(() => take(Infinity))
})
