import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { pace, prefer } from '../../../src/pipeline/authoring/pace.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { dose } from '../../support/dose.ts'
import { cand, dialled, tryOut } from '../../testing/try-out.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const isPreferred = (one: Candidate): boolean => one === c || one === d

test('prefer() starts only preferred candidates while one is untried or in flight', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred), race()))
  trial.script([c], { refuses: 1_000 })
  trial.script([d], { refuses: 2_000 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(2_500)
  // the last preferred attempt ends at 2100, then the others start at the pace of the input
  t.deepEqual(dialled(trial), ['3 @0', '4 @100', '1 @2100', '2 @2200'])
})

test('prefer() changes nothing without a preferred candidate', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred), race()))
  trial.give({ candidates: [a, b] })
  await trial.pass(500)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
})

test('prefer() with after starts the others that long after the first preferred one', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred, { after: 450 }), race()))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '4 @100', '1 @450', '2 @550'])
})

test('prefer() with after starts the others earlier when all preferred ones have failed', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred, { after: 450 }), race()))
  trial.script([c, d], { refuses: 10 })
  trial.give({ candidates: [a, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '4 @10', '1 @20'])
})

test('prefer() starts preferred candidates first among those that may start', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred, { after: 50 }), race()))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '4 @100', '1 @200', '2 @300'])
})

test('prefer() holds the others back when a preferred candidate comes later', async t => {
  const trial = tryOut(t, pipeline(stagger(100), prefer(isPreferred), race()))
  trial.script([c], { refuses: 500 })
  trial.give({ candidates: [a, b], complete: false })
  await trial.pass(50)
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @100', '2 @600'])
})

test('prefer() works below a pace', async t => {
  const trial = tryOut(t, pipeline(sequential(), prefer(isPreferred), race()))
  trial.script([c, a], { refuses: 300 })
  trial.script([d], { connects: 300 })
  trial.give({ candidates: [c, d, a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['3 @0', '4 @300'])
  t.is(trial.outputs.length, 1)
})

test('prefer() works above a pace, also one that allows one attempt at a time', async t => {
  const trial = tryOut(t, pipeline(prefer(isPreferred, { after: 10 }), pace('never', () => Infinity), race()))
  trial.script([c], { refuses: 300 })
  trial.give({ candidates: [a, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '1 @300'])
})

test('two contradicting prefer() delay candidates only while an attempt is in flight', async t => {
  const trial = tryOut(t, pipeline(prefer(one => one === a), prefer(one => one === b), race()))
  trial.script([a, b], { refuses: 100 })
  trial.give({ candidates: [a, b, c], complete: false })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200'])
})

testProp('with prefer() each address is dialled once, for random preferences and failures', [
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
