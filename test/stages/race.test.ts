import test from 'ava'
import { every, pace } from '../../src/pipeline/pace.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { cand, dialled, isOver, tryOut, winners } from '../testing/try-out.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]

test('what is withdrawn while it waits for a slot is stopped, what is in flight is not', async t => {
  const trial = tryOut(t, race())
  trial.script([a], { connects: 500 })
  trial.give({ candidates: [a, b], pace: every(50), complete: false })
  await trial.pass(20)
  trial.host.hasSlots = false
  await trial.pass(50)
  t.is(trial.host.attempts.length, 2)
  trial.give({ candidates: [c], complete: false })
  await trial.pass(10)
  t.false(isOver(trial, a))
  t.true(isOver(trial, b))
  await trial.rest()
  t.is(winners(trial), '1')
})

test('one that was cancelled may be dialled again, one that has failed may not', async t => {
  const trial = tryOut(t, race())
  trial.host.hasSlots = false
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [a], complete: false })
  await trial.settle()
  trial.give({ candidates: [b], complete: false })
  await trial.settle()
  trial.host.hasSlots = true
  await trial.pass(100)
  trial.script([a], { connects: 10 })
  trial.give({ candidates: [b, a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @0', '1 @100'])
  t.is(winners(trial), '1')
})

test('an attempt keeps the candidate that it started with', async t => {
  const trial = tryOut(t, race())
  trial.script([a], { refuses: 100 })
  trial.give({ candidates: [a], complete: false })
  await trial.pass(50)
  trial.give({ candidates: [cand(1, { isCertified: true })] })
  await trial.rest()
  t.is(trial.host.attempts.length, 1)
  t.is(trial.dial.outcomes[0]?.candidate, a)
})

test('ends when nothing is in flight or untried and the list is complete', async t => {
  const trial = tryOut(t, race())
  trial.script([a, b], { refuses: 100 })
  trial.give({ candidates: [a, b], complete: false })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
  t.false(trial.ended)
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('an empty complete list is the end of it', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [] })
  await trial.settle()
  t.true(trial.ended)
})

test('a list of an older revision is neither dialled nor the end', async t => {
  const trial = tryOut(t, race())
  trial.isBehind = true
  trial.target.raise()
  trial.give({ candidates: [] })
  trial.giveAgain(0)
  await trial.settle()
  const behind = tryOut(t, race())
  behind.isBehind = true
  behind.script([a], { refuses: 10 })
  behind.give({ candidates: [a, b] })
  await behind.pass(100)
  t.deepEqual(dialled(behind), ['1 @0'])
  t.false(behind.ended)
  behind.isBehind = false
  behind.giveAgain()
  await behind.settle()
  t.deepEqual(dialled(behind), ['1 @0', '2 @100'])
})

test('a source that ends without a complete list is the end when everything is tried', async t => {
  const trial = tryOut(t, race())
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a], complete: false })
  trial.upstream.end()
  await trial.rest()
  t.true(trial.ended)
})

test('an abort ends every attempt, and leaves nothing', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [a, b], pace: every(50) })
  await trial.pass(100)
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  t.true(trial.host.attempts.every(({ signal }) => signal.aborted))
  t.is(trial.clock.pending, 0)
  t.is(trial.listeners, 0)
})

test('a failure of the stage above ends every attempt', async t => {
  const trial = tryOut(t, race())
  const error = new Error('Broken')
  trial.give({ candidates: [a] })
  await trial.pass(10)
  trial.upstream.fail(error)
  await trial.settle()
  t.is(trial.failure?.error, error)
  t.true(isOver(trial, a))
})

test('a pace that is broken fails the dial, and ends every attempt', async t => {
  const trial = tryOut(t, pipeline(pace('silly', () => ({ untried: [candidate], inFlight }) => inFlight.length === 0 ? { candidate: candidate as Candidate, at: 0 } : { candidate: a, at: -1 }), race()))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(trial.failure?.error.name, 'InvalidStageOutputError')
  t.true(isOver(trial, a))
})
