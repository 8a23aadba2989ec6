import test from 'ava'
import { onlyIfNone } from '../../../src/pipeline/authoring/filter.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { cand, cands, dialled, reason, said, short, tryOut } from '../../testing/try-out.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const isPreferred = (one: Candidate): boolean => one === c || one === d

test('onlyIfNone() drops other candidates while a preferred one is in the list', async t => {
  const trial = tryOut(t, onlyIfNone(isPreferred))
  trial.give({ candidates: [a, b, c] })
  await trial.settle()
  t.is(short(trial.ids), '3')
  t.is(trial.host.story.of(a).dropped?.reason, 'a preferred address is known')
})

test('onlyIfNone() keeps all candidates once a complete list has no preferred one', async t => {
  const trial = tryOut(t, onlyIfNone(isPreferred))
  trial.give({ candidates: [a, b], complete: false })
  await trial.settle()
  t.is(short(trial.ids), '')
  t.false(trial.last?.value.complete)
  t.is(reason(trial, a), undefined)
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(short(trial.ids), '1 2')
})

test('onlyIfNone() follows changes of the list', async t => {
  const trial = tryOut(t, onlyIfNone(isPreferred))
  trial.give({ candidates: [a] })
  await trial.settle()
  trial.give({ candidates: [a, c] })
  await trial.settle()
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(said(trial), ['1', '3', '1 2'])
})

test('onlyIfNone() still drops the others after the preferred one has failed', async t => {
  const trial = tryOut(t, pipeline(onlyIfNone(isPreferred), stagger(10), race()))
  trial.script([c], { refuses: 10 })
  trial.give({ candidates: cands(8).concat(c) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['3 @0'])
  t.true(trial.ended)
})

test('onlyIfNone() with after passes the others on after that time without a preferred one', async t => {
  const trial = tryOut(t, onlyIfNone(isPreferred, { after: 500 }))
  trial.give({ candidates: [a], complete: false })
  await trial.pass(499)
  t.deepEqual(said(trial), ['…'])
  await trial.pass(1)
  t.deepEqual(said(trial), ['…', '1 …'])
  t.is(reason(trial, a), undefined)
})

test('onlyIfNone() with after drops untried candidates when a preferred one comes later', async t => {
  const trial = tryOut(t, pipeline(onlyIfNone(isPreferred, { after: 500 }), stagger(100), race()))
  trial.give({ candidates: [a, b], complete: false })
  await trial.pass(550)
  trial.give({ candidates: [a, b, c] })
  await trial.pass(500)
  t.deepEqual(dialled(trial), ['1 @500', '3 @600'])
  t.is(reason(trial, b), 'a preferred address is known')
})
