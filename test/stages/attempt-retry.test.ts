import { AbortError, TimeoutError, UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { DialDeniedError } from '../../src/pipeline/errors.ts'
import { attemptRetry } from '../../src/stages/attempt-retry.ts'
import { race } from '../../src/stages/race.ts'
import { cand, cands, dialled, tryOut } from '../testing/try-out.ts'
import { connection, layered } from './layers.ts'

test('tries again after it failed, and waits twice as long each time', async t => {
  const { clock, begun, done } = layered([attemptRetry(3)], async () => { throw new Error('Refused') })
  await t.throwsAsync(clock.until(done), { message: 'Refused' })
  t.deepEqual(begun, [0, 100, 300, 700])
  t.is(clock.pending, 0)
})

test('waits as long as it is told', async t => {
  const { clock, begun, done } = layered([attemptRetry(2, { delay: 10 })], async () => { throw new Error('Refused') })
  await t.throwsAsync(clock.until(done))
  t.deepEqual(begun, [0, 10, 30])
})

test('without a delay it waits for 0 ms each time, however often', async t => {
  const { clock, begun, done } = layered([attemptRetry(1_100, { delay: 0 })], async () => { throw new Error('Refused') })
  await t.throwsAsync(clock.until(done), { message: 'Refused' })
  t.is(begun.length, 1_101)
  t.is(clock.now(), 0)
})

test('gives the connection of the first that succeeds', async t => {
  const { clock, begun, done } = layered([attemptRetry(3)], async (_options, nth) => {
    if (nth < 3) {
      throw new Error('Refused')
    }

    return connection
  })
  t.is(await clock.until(done), connection)
  t.deepEqual(begun, [0, 100, 300])
})

test('throws the newest error', async t => {
  const { clock, done } = layered([attemptRetry(1)], async (_options, nth) => { throw new Error(`failure ${nth}`) })
  await t.throwsAsync(clock.until(done), { message: 'failure 2' })
})

for (const error of [new AbortError(), new UnexpectedPeerError(), new DialDeniedError('No')]) {
  test(`${error.name} is not tried again`, async t => {
    const { clock, begun, done } = layered([attemptRetry(3)], async () => { throw error })
    t.is(await t.throwsAsync(clock.until(done)), error)
    t.deepEqual(begun, [0])
  })
}

test('a timeout is', async t => {
  const { clock, begun, done } = layered([attemptRetry(1)], async () => { throw new TimeoutError() })
  await t.throwsAsync(clock.until(done), { name: 'TimeoutError' })
  t.deepEqual(begun, [0, 100])
})

test('so is a TypeError of a transport: it says nothing of whose fault it is', async t => {
  const { clock, begun, done } = layered([attemptRetry(1)], async () => { throw new TypeError('Cannot read properties of undefined') })
  await t.throwsAsync(clock.until(done), { name: 'TypeError' })
  t.deepEqual(begun, [0, 100])
})

test('what is rejected with something else than an error becomes one', async t => {
  const { clock, begun, done } = layered([attemptRetry(1)], async () => { throw new Event('error') as unknown as Error })
  await t.throwsAsync(clock.until(done), { message: 'Rejected with a "error" event' })
  t.deepEqual(begun, [0, 100])
})

test('an abort ends the wait', async t => {
  const { clock, controller, begun, done } = layered([attemptRetry(3)], async () => { throw new Error('Refused') })
  await clock.advance(50)
  controller.abort(new Error('Enough'))
  await t.throwsAsync(done, { message: 'Enough' })
  t.deepEqual(begun, [0])
  t.is(clock.pending, 0)
})

test('a connection that is there when the signal aborts is not lost', async t => {
  const { clock, controller, done } = layered([attemptRetry(3)], async () => {
    controller.abort(new Error('Enough'))
    return connection
  })
  t.is(await clock.until(done), connection)
})

test('in a race, each address is tried again by itself', async t => {
  const trial = tryOut(t, race({ attempt: [attemptRetry(1)] }))
  trial.script(cands(1, 2), { refuses: 10 })
  trial.script([cand(3)], { connects: 10 })
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.rest()
  t.deepEqual(dialled(trial).slice(0, 3), ['1 @0', '1 @110', '2 @120'])
  t.is(trial.outputs.length, 1)
  // however often it was tried, an address has one outcome
  t.deepEqual(trial.dial.outcomes.map(({ status }) => status), ['failed', 'failed', 'connected'])
})
