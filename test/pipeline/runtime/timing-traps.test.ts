// mistakes of a first implementation of timing rules, one test for each
import test from 'ava'
import { fallback, filter, hold, pace, pipeline, prefer, stage } from '../../../src/pipeline/index.ts'
import { goDelays } from '../../../src/stages/go-delays.ts'
import { oddsPace } from '../../../src/stages/odds-pace.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { cands, dialled, runStage, tryOut } from '../../testing/try-out.ts'
import { hangs, is, untried } from './trap-stages.ts'
import type { Candidate, RaceState } from '../../../src/pipeline/types.ts'

const [a, b, c, d] = cands(1, 2, 3, 4) as [Candidate, Candidate, Candidate, Candidate]

test('when the times of several candidates are past, the first in the list starts first', async t => {
  const trial = tryOut(t, pipeline(pace('slow', state => state.lastStart + 500), hold('later', ({ firstStart }) => one => one === c ? firstStart + 400 : 0), race()))
  trial.give({ candidates: [a], complete: false })
  await trial.pass(900)
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @900', '3 @1400'])
})

test('a rule\'s time is met although nothing else happens at it', async t => {
  const states: RaceState[] = []
  const trial = await runStage(t, pipeline(hold('later', state => {
    states.push(state)

    return one => one === b ? state.startedAt + 500 : 0
  }), race()), [a, b], { ms: 1_000 })
  t.deepEqual(dialled(trial), ['1 @0', '2 @500'])
  t.false(states.some(state => 'now' in state), 'a rule has no time to look at')
})

test('the others start at the pace after prefer(), not in a burst', async t => {
  const trial = await runStage(t, pipeline(prefer(is(c), { after: 300 }), race()), [a, b, c, d], { ms: 2_000 })
  t.deepEqual(dialled(trial), ['3 @0', '1 @300', '2 @550', '4 @800'])
})

test('two contradicting prefer() above a source that hangs do not delay the first attempt', async t => {
  const trial = await runStage(t, pipeline(hangs(), prefer(is(a)), prefer(is(b)), race()), [a, b], { ms: 0 })
  t.deepEqual(dialled(trial), ['1 @0'])
})

for (const [name, own] of Object.entries({ oddsPace, goDelays })) {
  test(`${name}() keeps the order of the list and of prefer()`, async t => {
    const trial = await runStage(t, pipeline(own(), prefer(is(b, c), { after: 3_000 }), race()), [a, b, c], { ms: 4_000 })
    t.is(dialled(trial).map(one => one.split(' ')[0]).join(), '2,3,1')
  })
}

test('a rule with one time for all is asked about once for each start', async t => {
  let asked = 0
  const trial = await runStage(t, pipeline(pace('counted', state => {
    asked++

    return state.lastStart + 100
  }), race()), cands(...Array.from({ length: 25 }, (_, i) => i + 1)), { ms: 1_000 })
  t.is(dialled(trial).length, 11)
  t.true(asked <= 2 * 11, `${asked}`)
})

test('a pace in a nested pipeline with a race replaces the outer one', async t => {
  const trial = await runStage(t, pipeline(sequential(), fallback(pipeline(stagger(50), race()))), [a, b], { ms: 1_000 })
  t.deepEqual(dialled(trial), ['1 @0', '2 @50'])
})

test('a pace in a nested pipeline without a race adds to the outer one', async t => {
  const trial = await runStage(t, pipeline(stagger(100), pipeline(stagger(50)), race()), [a, b], { ms: 1_000 })
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
})

test('a stage with a rule sees the whole list at its place, including attempted and later dropped candidates', async t => {
  const ranked = stage('ranked', (_dial, work) => {
    let all: readonly Candidate[] = []
    work.pace(state => one => state.startedAt + 100 * all.indexOf(one))

    return ({ candidates }) => {
      all = candidates

      return candidates
    }
  })
  const trial = tryOut(t, pipeline(ranked, filter('some', one => one !== b), untried(), race()))
  trial.script([a], { refuses: 150 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @150', '4 @300'])
})

test('before the first attempt, firstStart is Infinity and lastStart is -Infinity', async t => {
  const states: RaceState[] = []
  const trial = tryOut(t, pipeline(hold('later', state => {
    states.push(state)

    return one => one === b ? state.firstStart + 500 : state.lastStart + 100
  }), race()))
  trial.give({ candidates: [a, b], complete: false })
  await trial.pass(1_000)
  t.like(states[0], { firstStart: Infinity, lastStart: -Infinity })
  t.deepEqual(dialled(trial), ['1 @0', '2 @500'])
})
