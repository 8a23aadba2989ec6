import { AbortError, TimeoutError, UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { DialDeniedError } from '../../src/pipeline/errors.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptRetry } from '../../src/stages/attempt-layers.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, cands, dialled, tryOut } from '../testing/try-out.ts'
import { connection, layered } from './layers.ts'

test('attemptRetry() repeats a failed attempt, with a delay that doubles', async t => {
  const { clock, begun, done } = layered([attemptRetry(3)], async () => { throw new Error('Refused') })
  await t.throwsAsync(clock.until(done), { message: 'Refused' })
  t.deepEqual(begun, [0, 100, 300, 700])
  t.is(clock.pending, 0)
})

test('attemptRetry() has the delay option for its first wait', async t => {
  const { clock, begun, done } = layered([attemptRetry(2, { delay: 10 })], async () => { throw new Error('Refused') })
  await t.throwsAsync(clock.until(done), { name: 'Error' })
  t.deepEqual(begun, [0, 10, 30])
})

test('attemptRetry() with delay: 0 waits for 0 ms each time', async t => {
  const { clock, begun, done } = layered([attemptRetry(1_100, { delay: 0 })], async () => { throw new Error('Refused') })
  await t.throwsAsync(clock.until(done), { message: 'Refused' })
  t.is(begun.length, 1_101)
  t.is(clock.now(), 0)
})

test('attemptRetry() resolves with the first connection', async t => {
  const { clock, begun, done } = layered([attemptRetry(3)], async (_options, nth) => {
    if (nth < 3) {
      throw new Error('Refused')
    }

    return connection
  })
  t.is(await clock.until(done), connection)
  t.deepEqual(begun, [0, 100, 300])
})

test('attemptRetry() rejects with the newest error', async t => {
  const { clock, done } = layered([attemptRetry(1)], async (_options, nth) => { throw new Error(`failure ${nth}`) })
  await t.throwsAsync(clock.until(done), { message: 'failure 2' })
})

for (const error of [new AbortError(), new UnexpectedPeerError(), new DialDeniedError('No')]) {
  test(`attemptRetry() does not repeat ${error.name}`, async t => {
    const { clock, begun, done } = layered([attemptRetry(3)], async () => { throw error })
    t.is(await t.throwsAsync(clock.until(done)), error)
    t.deepEqual(begun, [0])
  })
}

test('attemptRetry() repeats a TimeoutError', async t => {
  const { clock, begun, done } = layered([attemptRetry(1)], async () => { throw new TimeoutError() })
  await t.throwsAsync(clock.until(done), { name: 'TimeoutError' })
  t.deepEqual(begun, [0, 100])
})

test('attemptRetry() repeats a TypeError of the transport', async t => {
  const { clock, begun, done } = layered([attemptRetry(1)], async () => { throw new TypeError('Cannot read properties of undefined') })
  await t.throwsAsync(clock.until(done), { name: 'TypeError' })
  t.deepEqual(begun, [0, 100])
})

test('attemptRetry() turns a rejection that is not an Error into one', async t => {
  const { clock, begun, done } = layered([attemptRetry(1)], async () => { throw new Event('error') as unknown as Error })
  await t.throwsAsync(clock.until(done), { message: 'Rejected with a "error" event' })
  t.deepEqual(begun, [0, 100])
})

test('aborting ends the delay of attemptRetry()', async t => {
  const { clock, controller, begun, done } = layered([attemptRetry(3)], async () => { throw new Error('Refused') })
  await clock.advance(50)
  controller.abort(new Error('Enough'))
  await t.throwsAsync(done, { message: 'Enough' })
  t.deepEqual(begun, [0])
  t.is(clock.pending, 0)
})

test('attemptRetry() returns a connection that its attempt makes although the signal aborts', async t => {
  const { clock, controller, done } = layered([attemptRetry(3)], async () => {
    controller.abort(new Error('Enough'))
    return connection
  })
  t.is(await clock.until(done), connection)
})

test('attemptRetry() in a race repeats each address separately, with one outcome each', async t => {
  const trial = tryOut(t, race({ attempt: [attemptRetry(1)] }))
  trial.script(cands(1, 2), { refuses: 10 })
  trial.script([cand(3)], { connects: 10 })
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.rest()
  t.deepEqual(dialled(trial).slice(0, 3), ['1 @0', '1 @110', '2 @120'])
  t.is(trial.outputs.length, 1)
  // an address has one outcome, regardless of its number of attempts
  t.deepEqual(trial.dial.outcomes.map(({ status }) => status), ['failed', 'failed', 'connected'])
})

test('attemptRetry() of one address does not delay the others', async t => {
  const trial = tryOut(t, pipeline(stagger(250), race({ attempt: [attemptRetry(9, { delay: 1 })] })))
  trial.script([cand(1)], { refuses: 1 })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(600)
  t.deepEqual(dialled(trial).slice(-4), ['1 @134', '2 @250', '1 @263', '1 @520'])
})
