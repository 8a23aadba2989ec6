import test from 'ava'
import { rank } from '../../src/pipeline/authoring/rank.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { take } from '../../src/stages/take.ts'
import { cand, cands, dialled, reason, said, tryOut } from '../testing/try-out.ts'

test('take() keeps the first candidates and drops others with the reason', async t => {
  const trial = tryOut(t, take(2))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
  t.is(reason(trial, cand(3)), 'not among the first 2')
})

test('take() without a number keeps maxPeerAddrsToDial', async t => {
  const trial = tryOut(t, take(), { components: () => ({ settings: { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 1 } }) })
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
})

test('take() keeps a dropped candidate that moves to the front later', async t => {
  const trial = tryOut(t, take(1))
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  trial.give({ candidates: cands(2, 1) })
  await trial.settle()
  t.deepEqual(said(trial), ['1', '2'])
  t.is(reason(trial, cand(2)), undefined)
  t.is(reason(trial, cand(1)), 'not among the first 1')
})

test('take() admits no other candidate when a failed one sinks in the order', async t => {
  const failedLast = rank('failed-last', (one, other, dial) => Number(dial.tried(one)) - Number(dial.tried(other)))
  const trial = tryOut(t, pipeline(failedLast, take(2), race()))
  trial.script(cands(1, 2, 3, 4), { refuses: 10 })
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
  t.true(trial.ended)
})

test('take() gives places of their own to candidates that are found when all others have failed', async t => {
  const trial = tryOut(t, pipeline(source('finds-more', () => cands(3, 4, 5), { when: 'exhausted' }), take(2), race()))
  trial.script(cands(1, 2, 3, 4, 5), { refuses: 10 })
  trial.give({ candidates: cands(1, 2) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20', '4 @30'])
  t.true(trial.ended)
})

test('take(0) keeps none', async t => {
  const trial = tryOut(t, take(0))
  trial.give({ candidates: cands(1) })
  await trial.settle()
  t.deepEqual(said(trial), [''])
})

test('take() throws for an invalid number', t => {
  for (const nonsense of [-1, 1.5, Number.NaN, '2'] as any[]) {
    t.throws(() => take(nonsense), { name: 'InvalidPipelineError' })
  }

  t.notThrows(() => take(Infinity))
})
