import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { onlyIfNone } from '../../src/pipeline/only-if-none.ts'
import { every, pace } from '../../src/pipeline/pace.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { prefer } from '../../src/pipeline/prefer.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { dose } from '../support/dose.ts'
import { cand, cands, dialled, short, tryOut } from '../testing/try-out.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const isPreferred = (one: Candidate): boolean => one === c || one === d

test('only preferred ones start while one of them is untried or in flight', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred), race()))
  trial.script([c], { refuses: 1_000 })
  trial.script([d], { refuses: 2_000 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(2_500)
  // the last preferred one ends at 2100; then the rest in the time from above
  t.deepEqual(dialled(trial), ['3 @0', '4 @100', '1 @2100', '2 @2200'])
})

test('without a preferred one all is as it was', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred), race()))
  trial.give({ candidates: [a, b] })
  await trial.pass(500)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
})

test('with `after` the rest starts so long after the first preferred', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred, { after: 450 }), race()))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '4 @100', '1 @450', '2 @550'])
})

test('with `after` the rest does not wait for it when every preferred one is spent before', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred, { after: 450 }), race()))
  trial.script([c, d], { refuses: 10 })
  trial.give({ candidates: [a, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '4 @10', '1 @20'])
})

test('what is preferred goes first also among those that have waited', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred, { after: 50 }), race()))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '4 @100', '1 @200', '2 @300'])
})

test('a preferred one that comes later holds the rest back from then on', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred), race()))
  trial.script([c], { refuses: 500 })
  trial.give({ candidates: [a, b], complete: false })
  await trial.pass(50)
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @100', '2 @600'])
})

test('wraps the pace from above, whatever that is', async t => {
  const trial = tryOut(t, pipeline(sequential(), prefer(isPreferred), race()))
  trial.script([c, a], { refuses: 300 })
  trial.script([d], { connects: 300 })
  trial.give({ candidates: [c, d, a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['3 @0', '4 @300'])
  t.is(trial.outputs.length, 1)
})

test('under a pace that gives none for now, there is none', async t => {
  const trial = tryOut(t, pipeline(pace('never', () => () => undefined), prefer(isPreferred, { after: 10 })))
  trial.give({ candidates: [a, c] })
  await trial.settle()
  const now = 1_000
  t.is(trial.last?.value.pace({ untried: [a, c], inFlight: [], outcomes: [], now }), undefined)
  t.is(trial.last?.value.pace({ untried: [a], inFlight: [{ candidate: c, startedAt: now }], outcomes: [], now }), undefined)
})

testProp('whatever is preferred and whatever fails, every address is dialled once', [
  fc.array(fc.record({ preferred: fc.boolean(), after: fc.nat(400) }), { minLength: 1, maxLength: 8 }),
  fc.option(fc.nat(500), { nil: undefined })
], async (t, specs, after) => {
  const all = specs.map((_, i) => cand(i + 1))
  const preferred = new Set(all.filter((_, i) => specs[i]?.preferred))
  const trial = tryOut(t, pipeline(stagger(50), prefer(one => preferred.has(one), { after }), race()))
  all.forEach((one, i) => { trial.script([one], { refuses: specs[i]?.after ?? 0 }) })
  trial.give({ candidates: all })
  await trial.rest()

  t.true(trial.ended)
  t.deepEqual(trial.host.attempts.map(({ candidate }) => candidate.id).toSorted(), all.map(({ id }) => id).toSorted())
}, { numRuns: dose(40) })

test('only-if-none: the rest goes while one preferred stands in the list', async t => {
  const trial = tryOut(t, onlyIfNone(isPreferred))
  trial.give({ candidates: [a, b, c] })
  await trial.settle()
  t.is(short(trial.ids), '3')
  t.is(trial.host.story.of(a).dropped?.reason, 'a preferred address is known')
})

test('only-if-none: without one the rest stays, once that is known', async t => {
  const trial = tryOut(t, onlyIfNone(isPreferred))
  trial.give({ candidates: [a, b], complete: false })
  await trial.settle()
  t.is(short(trial.ids), '')
  t.false(trial.last?.value.complete)
  t.false(trial.dial.spent(a))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(short(trial.ids), '1 2')
})

test('only-if-none: it changes its mind with the list', async t => {
  const trial = tryOut(t, onlyIfNone(isPreferred))
  trial.give({ candidates: [a] })
  trial.give({ candidates: [a, c] })
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(trial.outputs.map(({ candidates }) => short(candidates)), ['1', '3', '1 2'])
  t.false(trial.dial.spent(a))
})

test('only-if-none: a preferred one that has failed still stands in the list', async t => {
  const trial = tryOut(t, pipeline(onlyIfNone(isPreferred), race()))
  trial.script([c], { refuses: 10 })
  trial.give({ candidates: cands(8).concat(c), pace: every(10) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['3 @0'])
  t.true(trial.ended)
})
