import test from 'ava'
import { hold } from '../../src/pipeline/authoring/pace.ts'
import { pace } from '../../src/pipeline/authoring/pace.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, dialled, short, tryOut, winners } from '../testing/try-out.ts'
import type { Candidate, Flight, Outcome, RaceState } from '../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const atOnce = pace('at-once', () => 0)

test('race() dials in list order, 250 ms apart by default', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [c, a, b] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '1 @250', '2 @500'])
})

test('race() follows the pace above it', async t => {
  const trial = tryOut(t, pipeline(stagger(70), race()))
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @70', '3 @140'])
})

test('race() follows the order and pace of a newer list', async t => {
  let ms = 100
  const trial = tryOut(t, pipeline(pace('changing', ({ lastStart }) => lastStart + ms), race()))
  trial.give({ candidates: [a, b, c], complete: false })
  await trial.pass(50)
  ms = 200
  trial.give({ candidates: [c, b, a] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @200', '2 @400'])
})

test('race() starts attempts at least 10 ms apart', async t => {
  const trial = tryOut(t, pipeline(atOnce, race()))
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20'])
})

test('race() starts an attempt within 10 ms of the last after a refusal', async t => {
  const trial = tryOut(t, pipeline(atOnce, race()))
  trial.script([b], { refuses: 2 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @12', '4 @22'])
})

test('a refusal does not change the pace while others are in flight', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  trial.script([b], { refuses: 2 })
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200'])
})

test('race() starts the next attempt at once when nothing is in flight', async t => {
  const trial = tryOut(t, pipeline(stagger(100_000), race()))
  trial.script([a, b], { refuses: 5 })
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @5', '3 @10'])
})

test('a pace of Infinity is asked again after an outcome', async t => {
  const trial = tryOut(t, pipeline(pace('after-a-failure', ({ outcomes }) => outcomes.length === 0 ? Infinity : 0), race()))
  trial.script([a], { refuses: 300 })
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @300', '3 @310'])
})

for (const complete of [true, false]) {
  test(`race() starts held candidates when nothing is in flight, in a list that is ${complete ? '' : 'not '}complete`, async t => {
    const trial = tryOut(t, pipeline(hold('all', () => Infinity), pace('none', () => Infinity), race()))
    trial.script([a], { refuses: 10 })
    trial.script([b], { connects: 10 })
    trial.give({ candidates: [a, b], complete })
    await trial.pass(100)
    t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
    t.is(winners(trial), '2')
  })
}

test('race() waits for a finite hold while the list is incomplete, and no longer', async t => {
  const later = pipeline(hold('later', ({ startedAt }) => startedAt + 400), race())
  const whole = tryOut(t, later)
  whole.give({ candidates: [a] })
  await whole.pass(1_000)
  t.deepEqual(dialled(whole), ['1 @0'])

  const growing = tryOut(t, later)
  growing.give({ candidates: [a], complete: false })
  await growing.pass(1_000)
  t.deepEqual(dialled(growing), ['1 @400'])

  const grown = tryOut(t, later)
  grown.give({ candidates: [a], complete: false })
  await grown.pass(100)
  t.deepEqual(dialled(grown), [])
  grown.give({ candidates: [a] })
  await grown.settle()
  t.deepEqual(dialled(grown), ['1 @100'])
})

test('rules see the current race state, and a pace is asked only with attempts in flight', async t => {
  const seen: Array<RaceState & { rule: string, now: number }> = []
  const note = (rule: string, state: RaceState): void => { seen.push({ ...state, outcomes: [...state.outcomes], rule, now: trial.since(trial.clock.now()) }) }
  const trial = tryOut(t, pipeline(pace('noting', race => {
    note('pace', race)
    return race.lastStart + 100
  }), hold('noting', race => {
    note('hold', race)
    return 0
  }), race()))
  trial.script([a], { connects: 5_000, firstResponse: 30 })
  trial.script([b], { refuses: 20 })
  trial.give({ candidates: [a, b, c], complete: false })
  await trial.pass(130)

  const looks = seen.map(({ rule, now, untried, inFlight, outcomes, complete, startedAt, firstStart, lastStart }) => ({
    rule,
    now,
    untried: short(untried),
    inFlight: inFlight.map(({ candidate, startedAt, firstResponseAt }) => `${short([candidate])} ${trial.since(startedAt)}${firstResponseAt == null ? '' : ` ${trial.since(firstResponseAt)}`}`).join(),
    outcomes: outcomes.map(({ candidate, status }) => `${short([candidate])} ${status}`).join(),
    complete,
    times: [startedAt, firstStart, lastStart].map(time => trial.since(time))
  }))
  const of = (rule: string): typeof looks => looks.filter(look => look.rule === rule)
  const alone = { now: 30, untried: '2 3', inFlight: '1 0 30', outcomes: '', complete: false, times: [0, 0, 0] }
  t.deepEqual(looks[0], { rule: 'hold', now: 0, untried: '1 2 3', inFlight: '', outcomes: '', complete: false, times: [0, Infinity, -Infinity] })
  t.deepEqual(of('pace').find(({ now }) => now === 30), { rule: 'pace', ...alone })
  t.deepEqual(of('hold').find(({ now }) => now === 30), { rule: 'hold', ...alone })
  t.true(of('pace').every(({ inFlight }) => inFlight !== ''))
  t.deepEqual(looks.at(-1), { rule: 'hold', now: 120, untried: '3', inFlight: '1 0 30', outcomes: '2 failed', complete: false, times: [0, 0, 100] })
})

test('the later time of two holds counts, in any order', async t => {
  const first = hold('first', ({ startedAt }) => ({ id }) => id === b.id ? startedAt + 300 : 0)
  const second = hold('second', ({ startedAt }) => ({ id }) => id === b.id || id === c.id ? startedAt + 700 : 0)

  for (const rules of [pipeline(first, second, stagger(10)), pipeline(second, stagger(10), first)]) {
    const trial = tryOut(t, pipeline(rules, race()))
    trial.give({ candidates: [a, b, c, d] })
    await trial.pass(1_000)
    t.deepEqual(dialled(trial), ['1 @0', '4 @10', '2 @700', '3 @710'])
  }
})

test('one attempt at a time waits for a slot, and the pace counts from it', async t => {
  const trial = tryOut(t, pipeline(atOnce, race()))
  trial.host.hasSlots = false
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.is(trial.host.attempts.length, 1)
  trial.host.hasSlots = true
  await trial.pass(100)
  // the pace counts from the time of the slot
  t.deepEqual(dialled(trial), ['1 @1000', '2 @1010', '3 @1020'])
})

/** Ways in which a rule or stage may try to change the state it gets */
const MEDDLING: Record<string, (race: RaceState) => unknown> = {
  'changes the order of what is untried': ({ untried }) => (untried as Candidate[]).copyWithin(0, 1),
  'empties what is untried': ({ untried }) => { (untried as Candidate[]).length = 0 },
  'empties what is in flight': ({ inFlight }) => { (inFlight as Flight[]).length = 0 },
  'changes when an attempt started': ({ inFlight: [first] }) => Object.assign(first ?? Object.freeze({}), { startedAt: 0 }),
  'empties the outcomes': ({ outcomes }) => { (outcomes as Outcome[]).length = 0 },
  'changes an outcome': ({ outcomes: [first] }) => Object.assign(first ?? Object.freeze({}), { status: 'connected' }),
  'puts other addresses in their place': race => Object.assign(race, { untried: [] })
}

for (const [name, meddle] of Object.entries(MEDDLING)) {
  test(`a rule that ${name} throws, and the race state does not change`, async t => {
    const trial = tryOut(t, pipeline(hold('meddling', race => {
      if (race.outcomes.length > 0 && race.untried.length > 1) {
        t.throws(() => meddle(race), { instanceOf: TypeError })
      }

      return 0
    }), stagger(100), race()))
    trial.script([a], { refuses: 150 })
    trial.give({ candidates: [a, b, c, d] })
    await trial.rest()
    t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200', '4 @300'])
  })
}

test('rules see the same inFlight and outcomes arrays while these are unchanged', async t => {
  const shown: RaceState[] = []
  const trial = tryOut(t, pipeline(pace('looking', race => {
    shown.push(race)

    return race.lastStart + 100
  }), race()))
  trial.script([a], { connects: 1_000, firstResponse: 50 })
  trial.give({ candidates: [a, b, c] })
  await trial.settle()
  trial.target.invalidate()
  await trial.pass(60)

  const [first, again, answered] = [shown[0], shown[1], shown.at(-1)]
  t.is(again?.inFlight[0], first?.inFlight[0])
  t.is(again?.outcomes, first?.outcomes)
  t.is(trial.since(answered?.inFlight[0]?.firstResponseAt ?? 0), 50)
  t.is(first?.inFlight[0]?.firstResponseAt, undefined)
})
