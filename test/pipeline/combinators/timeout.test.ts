import test from 'ava'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { timeout } from '../../../src/pipeline/combinators/timeout.ts'
import { race } from '../../../src/stages/race.ts'
import { cand, dialled, preferring, tryOut, winners } from '../../testing/try-out.ts'

const [a, b] = [cand(1), cand(2)]

test('timeout() ends a pipeline without a connection, and its attempts', async t => {
  const trial = tryOut(t, timeout(600, race()))
  trial.give({ candidates: [a, b] })
  await trial.pass(599)
  t.false(trial.isOver)
  await trial.pass(1)

  t.true(trial.ended)
  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.true(trial.host.attempts.every(({ signal }) => signal.aborted))
  t.is(trial.clock.pending, 0)
})

test('timeout() applies up to the first connection', async t => {
  const trial = tryOut(t, timeout(600, race()), preferring(a, b))
  trial.script([a], { connects: 2_000 })
  trial.script([b], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.is(winners(trial), '2 1')
})

test('timeout() starts when the pipeline begins', async t => {
  const trial = tryOut(t, timeout(600, race()))
  trial.give({ candidates: [], complete: false })
  await trial.pass(599)
  t.false(trial.isOver)
  await trial.pass(1)
  t.true(trial.ended)
})

test('timeout() leaves no timer when its pipeline ends earlier', async t => {
  const trial = tryOut(t, timeout(600, race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(10)
  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('an error in the pipeline of timeout() fails the dial', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, timeout(600, pipeline(stage('broken', () => { throw error }), race())))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(trial.failure?.error, error)
  t.is(trial.clock.pending, 0)
})

test('aborting the dial is not reported as a timeout', async t => {
  const trial = tryOut(t, timeout(600, race()))
  trial.give({ candidates: [a] })
  await trial.settle()
  trial.leave()
  await trial.settle()
  t.is(trial.failure?.error.name, 'AbortError')
})
