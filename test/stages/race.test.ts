import test from 'ava'
import { every, pace } from '../../src/pipeline/pace.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptTimeout } from '../../src/stages/attempt-timeout.ts'
import { race } from '../../src/stages/race.ts'
import { cand, dialled, short, tryOut } from '../testing/try-out.ts'
import type { Trial } from '../../src/testing/compliance/trial.ts'
import type { AttemptLayer, Candidate, Pace, RaceState } from '../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const atOnce: Pace = ({ untried: [candidate], now }) => candidate == null ? undefined : { candidate, at: now }
const winners = ({ connections }: Trial): string => short(connections.map(({ remoteAddr }) => remoteAddr.toString()))

/** Whether nothing of the attempt goes on */
function isOver ({ host }: Trial, { id }: Candidate): boolean {
  return host.attempts.filter(({ candidate }) => candidate.id === id).every(({ signal, endedAt }) => signal.aborted || endedAt != null)
}

test('dials in the order of the list, 250 ms apart where nobody says otherwise', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [c, a, b] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '1 @250', '2 @500'])
})

test('in the time of the list\'s pace', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [a, b, c], pace: every(70) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @70', '3 @140'])
})

test('a newer list has its own order and pace', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [a, b, c], pace: every(100), complete: false })
  await trial.pass(50)
  trial.give({ candidates: [c, b, a], pace: every(200) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @200', '2 @400'])
})

test('never two attempts less than 10 ms apart', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [a, b, c], pace: atOnce })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20'])
})

test('but after a refusal', async t => {
  const trial = tryOut(t, race())
  trial.script([b], { refuses: 2 })
  trial.give({ candidates: [a, b, c, d], pace: atOnce })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @12', '4 @22'])
})

test('a refusal does not change what the pace says while others are in flight', async t => {
  const trial = tryOut(t, race())
  trial.script([b], { refuses: 2 })
  trial.give({ candidates: [a, b, c], pace: every(100) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200'])
})

test('with nothing in flight the next starts at once, whatever the pace says', async t => {
  const trial = tryOut(t, race())
  trial.script([a, b], { refuses: 5 })
  trial.give({ candidates: [a, b, c], pace: every(100_000) })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @5', '3 @10'])
})

test('a pace that gives none for now is asked again when something has happened', async t => {
  const afterAFailure: Pace = ({ untried: [candidate], outcomes, inFlight, now }) => {
    return candidate == null || (inFlight.length > 0 && outcomes.length === 0) ? undefined : { candidate, at: now }
  }
  const trial = tryOut(t, race())
  trial.script([a], { refuses: 300 })
  trial.give({ candidates: [a, b, c], pace: afterAFailure })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @300', '3 @310'])
})

test('a pace that holds everything back with nothing in flight does not end the dial untried', async t => {
  const trial = tryOut(t, race())
  trial.script([a], { refuses: 10 })
  trial.script([b], { connects: 10 })
  trial.give({ candidates: [a, b], pace: () => undefined })
  await trial.rest()
  t.is(winners(trial), '2')
})

test('it may do so while more may come', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [a], pace: () => undefined, complete: false })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), [])
  trial.give({ candidates: [a], pace: () => undefined })
  await trial.settle()
  t.deepEqual(dialled(trial), ['1 @1000'])
})

test('the pace sees the race as it is', async t => {
  const seen: RaceState[] = []
  const trial = tryOut(t, race())
  trial.script([a], { connects: 5_000, firstResponse: 30 })
  trial.script([b], { refuses: 20 })
  trial.give({
    candidates: [a, b, c],
    pace: state => {
      seen.push({ ...state, outcomes: [...state.outcomes] })
      return every(100)(state)
    }
  })
  await trial.pass(130)

  const looks = seen.map(({ untried, inFlight, outcomes, lastStart, now }) => ({
    now: trial.since(now),
    untried: short(untried),
    inFlight: inFlight.map(({ candidate, startedAt, firstResponseAt }) => `${short([candidate])} ${trial.since(startedAt)}${firstResponseAt == null ? '' : ` ${trial.since(firstResponseAt)}`}`).join(),
    outcomes: outcomes.map(({ candidate, status }) => `${short([candidate])} ${status}`).join(),
    lastStart: lastStart == null ? undefined : trial.since(lastStart)
  }))
  t.deepEqual(looks[0], { now: 0, untried: '1 2 3', inFlight: '', outcomes: '', lastStart: undefined })
  t.deepEqual(looks.find(({ now }) => now === 30), { now: 30, untried: '2 3', inFlight: '1 0 30', outcomes: '', lastStart: 0 })
  t.deepEqual(looks.at(-1), { now: 120, untried: '3', inFlight: '1 0 30', outcomes: '2 failed', lastStart: 100 })
})

test('the first connection wins, and what stands behind it is stopped', async t => {
  const trial = tryOut(t, race(), { takes: 1 })
  trial.script([b], { connects: 300 })
  trial.give({ candidates: [a, b, c, d], pace: every(50) })
  await trial.pass(2_000)
  t.is(winners(trial), '2')
  trial.leave()
  await trial.settle()
  t.true([a, b, c, d].every(one => isOver(trial, one)))
  t.is(trial.network.open.length, 1)
})

test('after the first connection only better ones are waited for, started and yielded', async t => {
  const trial = tryOut(t, race())
  trial.script([a], { connects: 1_000 })
  trial.script([b], { connects: 400 })
  trial.script([c], { connects: 100 })
  trial.give({ candidates: [a, b, c, d], pace: every(50) })
  await trial.pass(250)
  t.is(winners(trial), '3')
  t.true(isOver(trial, d))
  t.false(isOver(trial, a))
  t.false(isOver(trial, b))
  await trial.rest()
  t.is(winners(trial), '3 2 1')
  t.deepEqual(dialled(trial), ['1 @0', '2 @50', '3 @100', '4 @150'])
  t.true(trial.ended)
})

test('a better one that was untried is started after the first connection, in its time', async t => {
  const trial = tryOut(t, race())
  trial.script([b], { connects: 20 })
  trial.script([a], { connects: 20 })
  trial.give({ candidates: [b, c], pace: every(100), complete: false })
  await trial.pass(10)
  trial.give({ candidates: [a, b, c], pace: every(100) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @0', '1 @20'])
  t.is(winners(trial), '2 1')
})

test('one that completes too late to be better is given back', async t => {
  const trial = tryOut(t, race())
  trial.host.ignoresSignal = true
  trial.script([a], { connects: 100 })
  trial.script([b], { connects: 60 })
  trial.give({ candidates: [a, b], pace: every(50) })
  await trial.rest()
  t.is(winners(trial), '1')
  t.is(trial.network.open.length, 1)
})

test('two that complete in one moment: the second is yielded if it is better', async t => {
  for (const [order, expected] of [[[a, b], '1'], [[b, a], '1 2']] as const) {
    const trial = tryOut(t, race())
    trial.script([a], { connects: 100 })
    trial.script([b], { connects: order[0] === a ? 90 : 100 })
    trial.give({ candidates: order, pace: atOnce })
    await trial.rest()
    t.is(winners(trial), order[0] === a ? expected : '2')
    t.is(trial.network.open.length, trial.outputs.length)
  }
})

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

test('one attempt at a time waits for a slot, the rest stays in the list', async t => {
  const trial = tryOut(t, race())
  trial.host.hasSlots = false
  trial.give({ candidates: [a, b, c], pace: atOnce })
  await trial.pass(1_000)
  t.is(trial.host.attempts.length, 1)
  trial.host.hasSlots = true
  await trial.pass(100)
  // pace counts from the grant
  t.deepEqual(dialled(trial), ['1 @1000', '2 @1010', '3 @1020'])
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

test('each attempt ends after the node\'s time for an address', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.true(trial.ended)
  t.deepEqual(trial.dial.outcomes.map(({ status, endedAt }) => `${status} @${trial.since(endedAt)}`), ['failed @6000', 'failed @6250'])
})

test('layers go around each attempt, the first outermost', async t => {
  const order: string[] = []
  const layer = (name: string): AttemptLayer => next => async (candidate, options) => {
    order.push(`${name} ${short([candidate])}`)
    return next(candidate, options)
  }
  const trial = tryOut(t, race({ attempt: [layer('outer'), layer('inner'), attemptTimeout(100)] }))
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(order, ['outer 1', 'inner 1', 'outer 2', 'inner 2'])
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
})

test('each dial is a race of its own', async t => {
  const init = race()
  const trials = [tryOut(t, init), tryOut(t, init)]
  trials.forEach(trial => {
    trial.script([a], { connects: 10 })
    trial.give({ candidates: [a] })
  })
  await Promise.all(trials.map(async trial => trial.rest()))
  t.deepEqual(trials.map(winners), ['1', '1'])
})
