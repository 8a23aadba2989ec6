import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { attemptRetry } from '../../src/stages/attempt-layers.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, cands, candsUpTo, dialled, isOver, preferring, tryOut, winners } from '../testing/try-out.ts'
import { historyAnswering, cancelledIn, failedIn, waitForSlots } from './wait-for-slots.ts'
import { withHistory } from './fake-history.ts'
import type { AttemptLayer, Outcome } from '../../src/pipeline/index.ts'

for (const [answer, gives] of [[100, 250], [300, 300], [1_500, 1_500]] as const) {
  test(`with first responses up to ${answer} ms, an attempt silent for ${gives} ms gives way to a waiting one`, async t => {
    const trial = tryOut(t, pipeline(stagger(100), race()), withHistory(historyAnswering(answer)))
    await waitForSlots(trial, candsUpTo(1), 200)
    await trial.pass(gives - 202)
    t.false(isOver(trial, cand(1)))
    await trial.pass(2)
    t.deepEqual(cancelledIn(trial), ['1'])
    t.deepEqual(trial.dial.outcomes, [])
  })
}

test('the attempt that was silent longest gives way first, and is retried last', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  trial.script([cand(1)], { connects: 400 })
  await waitForSlots(trial, cands(1, 2), 350, cands(3, 4))
  await trial.pass(10)
  t.deepEqual(cancelledIn(trial), ['1'])
  trial.host.hasSlots = true
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @360', '4 @460', '1 @560'])
  t.is(winners(trial), '1')
  t.deepEqual(trial.host.story.addresses.get(cand(1).id)?.attempts.map(({ result }) => result), ['cancelled', 'connected'])
})

test('an attempt silent for two seconds fails when it gives way', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  await waitForSlots(trial, candsUpTo(3), 2_000)
  await trial.pass(10)
  t.deepEqual(failedIn(trial), ['1 @2010'])
  t.true(isOver(trial, cand(1)))
  const { error } = trial.dial.outcomes[0] as Outcome & { error: Error }
  t.is(error.name, 'TimeoutError')
  t.regex(error.message, /^No response from \/ip4\/203\.0\.113\.1\/.* after 2010 ms, and another address waits for its slot$/)
  t.is(trial.host.story.addresses.get(cand(1).id)?.attempts[0]?.result, 'failed')
  trial.host.hasSlots = true
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200', '4 @2010'])
})

test('one attempt gives way for each that waits', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  await waitForSlots(trial, candsUpTo(3))
  await trial.pass(3_000)
  t.deepEqual(cancelledIn(trial), ['1'])
  trial.host.hasSlots = true
  await trial.pass(200)
  trial.host.hasSlots = false
  trial.give({ candidates: cands(1, 2, 3, 4, 5) })
  await trial.pass(110)
  t.deepEqual(failedIn(trial), ['2 @3710'])
})

test('an address that needs more round trips has more time before it gives way', async t => {
  const relayed = cand('/ip4/198.51.100.1/tcp/4001/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit')
  const trial = tryOut(t, pipeline(stagger(100), race()))
  await waitForSlots(trial, [relayed, cand(2)])
  await trial.pass(100)
  t.deepEqual(cancelledIn(trial), ['2'])
  const other = tryOut(t, pipeline(stagger(100), race()))
  await waitForSlots(other, [relayed])
  await other.pass(1_000)
  t.deepEqual(cancelledIn(other), [])
  await other.pass(1_500)
  t.is(other.dial.outcomes.length, 1)
})

test('an attempt in attemptRetry() gives way without a retry', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race({ attempt: [attemptRetry(3)] })))
  await waitForSlots(trial, candsUpTo(2))
  await trial.pass(100)
  t.deepEqual(cancelledIn(trial), ['1'])
})

test('an attempt whose layer never settles gives way once', async t => {
  const holdsOn: AttemptLayer = next => async (candidate, options) => next(candidate, candidate.id === cand(1).id ? { ...options, signal: new AbortController().signal } : options)
  const trial = tryOut(t, pipeline(stagger(100), race({ attempt: [holdsOn] })))
  await waitForSlots(trial, candsUpTo(3))
  await trial.pass(100)
  trial.host.hasSlots = true
  await trial.settle()
  trial.host.hasSlots = false
  trial.give({ candidates: cands(1, 2, 3, 4, 5) })
  await trial.pass(110)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200', '4 @600'])
  t.deepEqual(cancelledIn(trial), ['1', '2'])
})

test('after a connection, an attempt gives way only to a better address', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()), preferring(cand(1), cand(2), cand(3)))
  trial.script([cand(2)], { connects: 600 })
  await waitForSlots(trial, candsUpTo(2))
  await trial.pass(3_000)
  // address 3 is no better than 2, and no attempt waits any more
  t.is(winners(trial), '2')
  t.deepEqual(failedIn(trial).slice(1), [])
  t.false(isOver(trial, cand(1)))
})
