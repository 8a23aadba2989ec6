import { AbortError, UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { DialDeniedError, NoValidAddressesError } from '../../../src/pipeline/errors.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { retry } from '../../../src/pipeline/combinators/retry.ts'
import { timeout } from '../../../src/pipeline/combinators/timeout.ts'
import { attemptRetry } from '../../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { cand, dialled, preferring, short, tryOut, winners } from '../../testing/try-out.ts'

const [a, b] = [cand(1), cand(2)]

test('retry() runs the pipeline again when it did not connect, and dials the same addresses again', async t => {
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

test('retry() doubles its delay each time', async t => {
  const trial = tryOut(t, retry(race(), { retries: 3, delay: 100 }))
  trial.script([a], { refuses: 0 })
  trial.give({ candidates: [a] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '1 @100', '1 @300', '1 @700'])
  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('retry() without limit runs while the dial does, and keeps the newest outcomes only', async t => {
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

test('retry() without limit keeps the newest timeouts only', async t => {
  const trial = tryOut(t, retry(timeout(10, race()), { retries: Infinity, delay: 0 }))
  trial.give({ candidates: [a] })
  await trial.pass(1_500)

  t.is(trial.network.dialled.length, 151)
  t.is(trial.host.story.timeouts.length, 64)
  trial.leave()
})

test('retry() does not run again after a connection', async t => {
  const trial = tryOut(t, retry(race(), { retries: 3, delay: 100 }))
  trial.script([a], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0'])
  t.true(trial.ended)
})

test('retry() yields each connection of the run that connected', async t => {
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
  test(`retry() and attemptRetry() do not repeat ${error.name}: ${error.message}`, async t => {
    const trial = tryOut(t, retry(race({ attempt: [attemptRetry(2)] }), { delay: 100 }))
    trial.script([a], { refuses: 10, error })
    trial.give({ candidates: [a] })
    await trial.rest()
    t.deepEqual(dialled(trial), ['1 @0'])
    t.true(trial.ended)
  })
}

test('retry() repeats all addresses when one failure is not final', async t => {
  const trial = tryOut(t, retry(race(), { delay: 100 }))
  trial.script([a], { refuses: 10, error: new DialDeniedError('No') })
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '1 @120', '2 @130'])
})

test('retry() ends when nothing was attempted', async t => {
  const trial = tryOut(t, retry(pipeline(filter('none', () => false), race()), { delay: 100 }))
  trial.give({ candidates: [a] })
  await trial.pass(0)
  t.true(trial.ended)
})

test('retry() does not repeat a pipeline that throws', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, retry(pipeline(stage('broken', () => { throw error }), race()), { delay: 100 }))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(trial.failure?.error, error)
})

test('retry() starts the next run with the newest target', async t => {
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

test('aborting the dial ends the delay of retry()', async t => {
  const trial = tryOut(t, retry(race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(500)
  trial.leave()
  await trial.settle()
  t.true(trial.isOver)
  t.is(trial.clock.pending, 0)
})

test('retry() repeats a pipeline that timeout() ended before any outcome', async t => {
  const trial = tryOut(t, retry(timeout(300, race()), { retries: 2, delay: 50 }))
  trial.script([a], 'silent')
  trial.give({ candidates: [a] })
  await trial.pass(400)
  trial.script([a], { connects: 10 })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '1 @350', '1 @750'])
  t.is(winners(trial), '1')
})

test('an outer retry() repeats an inner one that timeout() ended', async t => {
  const trial = tryOut(t, retry(retry(timeout(100, race()), { retries: 0 }), { delay: 50 }))
  trial.script([a], 'silent')
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '1 @150'])
  t.true(trial.ended)
})
