import { AbortError, UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { DialDeniedError, NoValidAddressesError } from '../../../src/pipeline/errors.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { retry } from '../../../src/pipeline/combinators/retry.ts'
import { timeout } from '../../../src/pipeline/combinators/timeout.ts'
import { attemptRetry } from '../../../src/stages/attempt-retry.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { cand, dialled, preferring, short, tryOut, winners } from '../../testing/try-out.ts'

const [a, b] = [cand(1), cand(2)]

test('runs the pipeline again when it gave no connection, with a fresh memory of what was tried', async t => {
  const trial = tryOut(t, retry(race()))
  trial.script([a, b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.pass(500)
  trial.script([b], { connects: 10 })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '1 @1020', '2 @1030'])
  t.is(trial.outputs.length, 1)
  t.deepEqual(trial.dial.outcomes.map(({ status, candidate }) => `${short([candidate])} ${status}`), ['1 failed', '2 failed', '1 failed', '2 connected'])
})

test('waits twice as long each time', async t => {
  const trial = tryOut(t, retry(race(), { retries: 3, delay: 100 }))
  trial.script([a], { refuses: 0 })
  trial.give({ candidates: [a] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '1 @100', '1 @300', '1 @700'])
  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('goes on for as long as the dial does, and keeps the newest outcomes only', async t => {
  const trial = tryOut(t, retry(race(), { retries: Infinity, delay: 0 }))
  trial.script([a], { refuses: 1 })
  trial.give({ candidates: [a] })
  await trial.pass(1_500)

  t.is(trial.network.dialled.length, 1_501)
  t.is(trial.dial.outcomes.length, 1_024)
  t.is(trial.dial.outcomes.at(-1)?.endedAt, trial.clock.now())
  t.is(trial.host.story.of(a).attempts.length, 64)
  trial.leave()
})

test('does not run again once it has connected', async t => {
  const trial = tryOut(t, retry(race(), { retries: 3, delay: 100 }))
  trial.script([a], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0'])
  t.true(trial.ended)
})

test('yields every connection of the run that has connected', async t => {
  const trial = tryOut(t, retry(race()), preferring(a, b))
  trial.script([a], { connects: 400 })
  trial.script([b], { connects: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.is(winners(trial), '2 1')
})

for (const error of [
  new AbortError(),
  new DOMException('This operation was aborted', 'AbortError'),
  new DialDeniedError('No'),
  new NoValidAddressesError('No'),
  new UnexpectedPeerError(),
  ...['ConnectionInterceptedError', 'InvalidMultiaddrError', 'InvalidParametersError', 'InvalidPeerIdError', 'TransportUnavailableError', 'UnsupportedOperationError'].map(name => Object.assign(new Error('No'), { name })),
  Object.assign(new Error('Payload identity key 12D3KooWA does not match expected remote identity key 12D3KooWB'), { name: 'EncryptionFailedError' })
]) {
  test(`what cannot change is not tried again: ${error.name}, ${error.message}`, async t => {
    const trial = tryOut(t, retry(race({ attempt: [attemptRetry(2)] }), { delay: 100 }))
    trial.script([a], { refuses: 10, error })
    trial.give({ candidates: [a] })
    await trial.rest()
    t.deepEqual(dialled(trial), ['1 @0'])
    t.true(trial.ended)
  })
}

test('one failure that may change is reason enough to try all again', async t => {
  const trial = tryOut(t, retry(race(), { delay: 100 }))
  trial.script([a], { refuses: 10, error: new DialDeniedError('No') })
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '1 @120', '2 @130'])
})

test('with nothing tried there is nothing to try again', async t => {
  const trial = tryOut(t, retry(pipeline(filter('none', () => false), race()), { delay: 100 }))
  trial.give({ candidates: [a] })
  await trial.pass(0)
  t.true(trial.ended)
})

test('a pipeline that is broken is not run again', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, retry(pipeline(stage('broken', () => { throw error }), race()), { delay: 100 }))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(trial.failure?.error, error)
})

test('a run of its own begins with the newest target', async t => {
  const trial = tryOut(t, retry(pipeline(fromCaller(), race()), { delay: 100 }), { from: 'target' })
  trial.script([a, b], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(50)
  trial.script([b], { connects: 10 })
  trial.give({ candidates: [b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '1 @110', '2 @120'])
  t.is(trial.outputs.length, 1)
})

test('an abort ends the wait', async t => {
  const trial = tryOut(t, retry(race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(500)
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  t.is(trial.clock.pending, 0)
})

test('runs again what a timeout() has ended before anything had an outcome', async t => {
  const trial = tryOut(t, retry(timeout(300, race()), { retries: 2, delay: 50 }))
  trial.script([a], 'silent')
  trial.give({ candidates: [a] })
  await trial.pass(400)
  trial.script([a], { connects: 10 })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '1 @350', '1 @750'])
  t.is(winners(trial), '1')
})

test('a retry around one that a timeout() has ended runs again too', async t => {
  const trial = tryOut(t, retry(retry(timeout(100, race()), { retries: 0 }), { delay: 50 }))
  trial.script([a], 'silent')
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '1 @150'])
  t.true(trial.ended)
})
