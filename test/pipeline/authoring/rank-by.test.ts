import test from 'ava'
import { rankBy } from '../../../src/pipeline/authoring/rank.ts'
import { cand, cands, said, short, tryOut } from '../../testing/try-out.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

const number = (one: Candidate): number => Number(short([one]))

test('rankBy() sorts ascending and stably, with undefined scores last', async t => {
  const trial = tryOut(t, rankBy('tens', one => number(one) < 10 ? undefined : Math.floor(number(one) / 10)))
  trial.give({ candidates: cands(2, 31, 12, 1, 10, 30) })
  await trial.settle()
  t.deepEqual(said(trial), ['12 10 31 30 2 1'])
})

test('rankBy() scores each candidate object once in a run', async t => {
  const asked: string[] = []
  const [a, b] = cands(1, 2) as [Candidate, Candidate]
  const trial = tryOut(t, rankBy('counted', one => {
    asked.push(short([one]))

    return -number(one)
  }))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  trial.target.invalidate()
  await trial.settle()
  trial.give({ candidates: [b, a] })
  await trial.settle()
  t.deepEqual(asked.toSorted(), ['1', '2'])
  t.deepEqual(said(trial), ['2 1'])

  // a new candidate of the same address, with other data
  trial.give({ candidates: [cand(1, { isCertified: true }), b] })
  await trial.settle()
  t.deepEqual(asked.toSorted(), ['1', '1', '2'])
})

test('rankBy() scores again in each run', async t => {
  let asked = 0
  const init = rankBy('counted', () => ++asked)

  for (let run = 1; run <= 2; run++) {
    const trial = tryOut(t, init)
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.is(asked, run * 2)
  }
})

for (const answer of [Number.NaN, '1', null, true]) {
  test(`rankBy() fails the dial with an error that names the stage and address for a score of ${String(answer)}`, async t => {
    const trial = tryOut(t, rankBy('silly', () => answer as any))
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "silly" scored \/ip4\/203\.0\.113\.[12]\/.*: a score is a number, or undefined$/)
  })
}

test('rankBy() fails the dial with the error that its score throws', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, rankBy('broken', () => { throw error }))
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.is(trial.failure?.error, error)
})
