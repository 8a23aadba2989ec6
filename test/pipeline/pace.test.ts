import test from 'ava'
import { CONNECTION_ATTEMPT_DELAY, defaultPace, every, pace } from '../../src/pipeline/pace.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { cands, tryOut } from '../testing/try-out.ts'
import type { Pace, RaceState } from '../../src/pipeline/types.ts'

const [a, b] = cands(1, 2)
const state = (init: Partial<RaceState> = {}): RaceState => ({ untried: cands(1, 2).map((one, i) => [a, b][i] ?? one), inFlight: [], outcomes: [], now: 1_000, ...init })

test('every: the first at once, the next so long after the latest start', t => {
  t.deepEqual(every(100)(state()), { candidate: a as any, at: 1_000 })
  t.deepEqual(every(100)(state({ lastStart: 950 })), { candidate: a as any, at: 1_050 })
  t.deepEqual(every(100)(state({ lastStart: 500 })), { candidate: a as any, at: 600 })
  t.is(every(100)(state({ untried: [] })), undefined)
})

test('the default is RFC 8305\'s connection attempt delay', t => {
  t.is(CONNECTION_ATTEMPT_DELAY, 250)
  t.deepEqual(defaultPace(state({ lastStart: 1_000 })), { candidate: a as any, at: 1_250 })
})

test('a pace is given the one from above, or the default, to wrap it', async t => {
  const seen: Pace[] = []
  const above = every(10)
  const later = pace('later', pace => {
    seen.push(pace)

    return race => {
      const start = pace(race)

      return start == null ? undefined : { ...start, at: start.at + 5 }
    }
  })
  const trial = tryOut(t, later)
  trial.give({ candidates: cands(1), pace: above })
  trial.give({ candidates: cands(1) })
  await trial.settle()

  t.deepEqual(seen, [above, defaultPace])
  t.is(trial.outputs[0]?.value.pace(state({ lastStart: 1_000 })).at, 1_015)
  t.is(trial.outputs[1]?.value.pace(state({ lastStart: 1_000 })).at, 1_255)
})

test('it may ask the node\'s components', async t => {
  const trial = tryOut(t, pace('patient', (_above, _dial, { settings }) => every(settings.addressDialTimeout)))
  trial.give({ candidates: cands(1) })
  await trial.settle()
  t.is(trial.last?.value.pace(state({ lastStart: 1_000 })).at, 7_000)
})

test('one pace from above is wrapped once', async t => {
  let wrapped = 0
  const trial = tryOut(t, pace('counted', above => {
    wrapped++
    return above
  }))
  trial.give({ candidates: cands(1) })
  trial.target.raise()
  trial.target.raise()
  await trial.settle()
  t.is(wrapped, 1)
  t.is(new Set(trial.outputs.map(({ value }) => value.pace)).size, 1)
})

test('paces compose', async t => {
  const later = (ms: number): ReturnType<typeof pace> => pace('later', above => race => {
    const start = above(race)

    return start == null ? undefined : { ...start, at: start.at + ms }
  })
  const trial = tryOut(t, pipeline(later(1), later(10)))
  trial.give({ candidates: cands(1), pace: every(100) })
  await trial.settle()
  t.is(trial.last?.value.pace(state({ lastStart: 1_000 })).at, 1_111)
})

for (const [what, start] of Object.entries({
  'no time': { candidate: a, at: Number.NaN },
  'a time that never comes': { candidate: a, at: Infinity },
  'a negative time': { candidate: a, at: -1 },
  'a time in words': { candidate: a, at: 'soon' },
  'one that is tried already': { candidate: cands(9)[0], at: 1_000 },
  'a clone': { candidate: { ...a }, at: 1_000 },
  'no candidate': { at: 1_000 },
  'a promise': Promise.resolve({ candidate: a, at: 1_000 })
})) {
  test(`a pace that gives ${what} names the stage`, async t => {
    const trial = tryOut(t, pace('silly', () => () => start as any))
    trial.give({ candidates: cands(1) })
    await trial.settle()
    t.throws(() => trial.last?.value.pace(state()), { name: 'InvalidStageOutputError', message: /"silly"/ })
  })
}

test('what is no function is no pace', async t => {
  const trial = tryOut(t, pace('silly', () => 250 as any))
  trial.give({ candidates: cands(1) })
  await trial.settle()
  t.is(trial.failure?.error.name, 'InvalidStageOutputError')
  t.is(trial.failure?.error.message, 'Stage "silly" gave 250 as a pace: a pace is a function')
})
