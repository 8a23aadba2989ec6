import test from 'ava'
import { hold, pace } from '../../../src/pipeline/authoring/pace.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { CONNECTION_ATTEMPT_DELAY } from '../../../src/pipeline/runtime/rules.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { cands, dialled, said, tryOut } from '../../testing/try-out.ts'
import type { AnyStage, Candidate, RaceState } from '../../../src/pipeline/types.ts'

const [a, b, c] = cands(1, 2, 3) as [Candidate, Candidate, Candidate]

test('without a pace, attempts start 250 ms apart', async t => {
  t.is(CONNECTION_ATTEMPT_DELAY, 250)
  const trial = tryOut(t, race())
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @250', '3 @500'])
})

test('pace() does not change the list', async t => {
  const trial = tryOut(t, pace('slow', () => Infinity))
  trial.give({ candidates: [a, b], complete: false })
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [a, b])
  t.is(said(trial).at(-1), '1 2')
})

test('a pace replaces the default delay', async t => {
  const trial = tryOut(t, pipeline(pace('fast', ({ lastStart }) => lastStart + 50), race()))
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @50', '3 @100'])
})

test('a pace can return a time for each candidate', async t => {
  const trial = tryOut(t, pipeline(pace('each', ({ lastStart }) => candidate => lastStart + (candidate === c ? 20 : 100)), race()))
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @20', '2 @120'])
})

test('a pace receives the race state and the dial', async t => {
  const seen: Array<{ race: RaceState, isTarget: boolean, timeout: number }> = []
  const trial = tryOut(t, pipeline(pace('curious', (race, dial) => {
    seen.push({ race, isTarget: dial.target.peerId != null, timeout: dial.node.settings.addressDialTimeout })

    return race.lastStart + 100
  }), race()))
  trial.script([a], { refuses: 30 })
  const began = trial.clock.now()
  trial.give({ candidates: [a, b, c] })
  await trial.pass(200)

  t.deepEqual(seen.filter(({ isTarget, timeout }) => !isTarget || timeout !== 6_000), [])
  t.like(seen[0]?.race, { complete: true, startedAt: began, firstStart: began, lastStart: began })
  t.deepEqual(seen[0]?.race.untried, [b, c])
  t.deepEqual(seen[0]?.race.inFlight.map(({ candidate, startedAt }) => [candidate, startedAt]), [[a, began]])
  t.deepEqual(seen.at(-1)?.race.outcomes.map(({ candidate, status }) => [candidate, status]), [[a, 'failed']])
})

test('a pace is asked only while an attempt is in flight', async t => {
  const inFlight: number[] = []
  const trial = tryOut(t, pipeline(pace('watching', race => {
    inFlight.push(race.inFlight.length)

    return Infinity
  }), race()))
  trial.script([a, b, c], { refuses: 100 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200'])
  t.true(inFlight.length > 0)
  t.deepEqual(inFlight.filter(n => n === 0), [])
})

test('the later time of two paces counts, in either order', async t => {
  for (const stages of [[stagger(50), stagger(400)], [stagger(400), stagger(50)]] as const) {
    const trial = tryOut(t, pipeline(...stages, race()))
    trial.give({ candidates: [a, b] })
    await trial.pass(1_000)
    t.deepEqual(dialled(trial), ['1 @0', '2 @400'])
  }
})

test('a pace works above other stages and a nested race', async t => {
  const trial = tryOut(t, pipeline(stagger(50), hold('none', () => 0), pipeline(race())))
  trial.give({ candidates: [a, b] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @50'])
})

for (const [what, make] of Object.entries<(rule: any) => AnyStage>({
  pace: rule => pipeline(pace('silly', rule), race()),
  hold: rule => pipeline(hold('silly', rule), race())
})) {
  for (const [words, answer] of [
    ['NaN', Number.NaN],
    ['undefined', undefined],
    ['\'soon\'', 'soon'],
    ['null', null],
    ['a promise', Promise.resolve(1_000)],
    ['an object with at', { at: 1_000 }]
  ] as const) {
    test(`a ${what} that returns ${words} fails the dial with an error that names the stage`, async t => {
      const trial = tryOut(t, make(() => answer))
      trial.give({ candidates: [a, b] })
      await trial.settle()
      t.is(trial.failure?.error.name, 'InvalidStageOutputError')
      t.is(trial.failure?.error.message, `Stage "silly" has a timing rule that answered ${words}: a rule answers a time, in milliseconds, or a function from a candidate to one`)
    })

    test(`a ${what} that returns ${words} for a candidate fails the dial with an error that names the stage and address`, async t => {
      const trial = tryOut(t, make(() => () => answer))
      trial.give({ candidates: [a, b] })
      await trial.settle()
      t.is(trial.failure?.error.name, 'InvalidStageOutputError')
      t.regex(trial.failure?.error.message, /^Stage "silly" has a timing rule that answered .* for \/ip4\/203\.0\.113\.[12]\//)
    })
  }

  test(`a ${what} that throws fails the dial with its error`, async t => {
    const error = new Error('Broken')
    const trial = tryOut(t, make(() => { throw error }))
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.is(trial.failure?.error, error)
  })
}

test('sequential() waits for the outcome of each attempt', async t => {
  const trial = tryOut(t, pipeline(sequential(), race()))
  trial.script([a], { refuses: 300 })
  trial.script([b], { connects: 300 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @300'])
  t.is(trial.connections.length, 1)
})

for (const [name, rule] of Object.entries<() => AnyStage>({
  'a pace answers 250': () => pace('relative', () => 250),
  'a hold answers 250 for one': () => hold('relative', () => candidate => candidate === b ? 250 : 0)
})) {
  test(`the dial fails when ${name}, which would be a time in 1970`, async t => {
    const trial = tryOut(t, pipeline(rule() as ReturnType<typeof pace>, race()))
    trial.give({ candidates: [a, b, c] })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "relative" has a timing rule that answered 250( for \S+)?, which is a time in 1970: .*race\.startedAt \+ 250$/)
  })
}

test('a pace may return a time before the race began', async t => {
  const trial = tryOut(t, pipeline(pace('earlier', ({ startedAt }) => startedAt - 1_000_000), race()))
  trial.give({ candidates: [a, b] })
  await trial.pass(100)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
})
