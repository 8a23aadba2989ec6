import test from 'ava'
import { every } from '../../src/pipeline/pace.ts'
import { race } from '../../src/stages/race.ts'
import { cand, dialled, short, tryOut, winners } from '../testing/try-out.ts'
import type { Pace, RaceState } from '../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const atOnce: Pace = ({ untried: [candidate], now }) => candidate == null ? undefined : { candidate, at: now }

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
