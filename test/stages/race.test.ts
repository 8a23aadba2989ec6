import test from 'ava'
import { hold } from '../../src/pipeline/authoring/pace.ts'
import { pace } from '../../src/pipeline/authoring/pace.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, dialled, isOver, tryOut, winners } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]

test('an address that leaves the list while waiting for a slot is not dialled, and one in flight continues', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race()))
  trial.script([a], { connects: 200 })
  trial.give({ candidates: [a, b], complete: false })
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

test('a cancelled address may be dialled again, and a failed one may not', async t => {
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

test('an attempt keeps the candidate object that it started with', async t => {
  const trial = tryOut(t, race())
  trial.script([a], { refuses: 100 })
  trial.give({ candidates: [a], complete: false })
  await trial.pass(50)
  trial.give({ candidates: [cand(1, { isCertified: true })] })
  await trial.rest()
  t.is(trial.host.attempts.length, 1)
  t.is(trial.dial.outcomes[0]?.candidate, a)
})

test('race() ends when the list is complete and nothing is untried or in flight', async t => {
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

test('race() ends for an empty complete list', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [] })
  await trial.settle()
  t.true(trial.ended)
})

test('the stages above are asked after a failure, before the next attempt', async t => {
  const afterFailure = stage('after-failure', dial => ({ candidates }) => candidates.filter(({ id }) => !(id === b.id && dial.tried(a))))
  const trial = tryOut(t, pipeline(afterFailure, race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a, b, c] })
  await trial.pass(100)
  t.deepEqual(dialled(trial), ['1 @0', '3 @10'])
})

test('the last call follows when all attempts failed, and its addresses are dialled', async t => {
  const failures: number[] = []
  const lastResort = stage('last-resort', dial => {
    let isCalled = false

    return ({ candidates, last }) => {
      if (last) {
        isCalled = true
        failures.push(dial.outcomes.length)
      }

      return isCalled ? candidates : candidates.filter(one => one !== b)
    }
  })
  const trial = tryOut(t, pipeline(lastResort, race()))
  trial.script([a, b], { refuses: 100 })
  trial.give({ candidates: [a, b] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
  t.true(trial.ended)
  t.deepEqual(failures, [1, 2])
})

test('there is no last call after a connection', async t => {
  const calls: boolean[] = []
  const trial = tryOut(t, pipeline(stage('listening', () => ({ candidates, last }) => {
    calls.push(last)
    return candidates
  }), race()))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.true(trial.ended)
  t.false(calls.includes(true))
})

test('aborting ends all attempts, and leaves nothing', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race()))
  trial.give({ candidates: [a, b] })
  await trial.pass(100)
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  t.true(trial.host.attempts.every(({ signal }) => signal.aborted))
  t.is(trial.clock.pending, 0)
  t.is(listeners(trial), 0)
})

test('an error of a stage above fails the dial, and ends all attempts', async t => {
  const error = new Error('Broken')
  let isBroken = false
  const trial = tryOut(t, pipeline(stage('fragile', () => ({ candidates }) => {
    if (isBroken) {
      throw error
    }

    return candidates
  }), race()))
  trial.give({ candidates: [a] })
  await trial.pass(10)
  isBroken = true
  trial.target.invalidate()
  await trial.settle()
  t.is(trial.failure?.error, error)
  t.true(isOver(trial, a))
})

for (const [what, rule] of [['pace', pace('silly', () => NaN)], ['hold', hold('silly', ({ inFlight }) => inFlight.length === 0 ? 0 : () => 'soon' as any)]] as const) {
  test(`an invalid ${what} fails the dial, and ends all attempts`, async t => {
    const trial = tryOut(t, pipeline(rule, race()))
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /silly/)
    t.is(trial.host.attempts.length, 1)
    t.true(isOver(trial, a))
  })
}
