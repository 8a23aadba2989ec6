import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { dose } from '../support/dose.ts'
import { cand, reason, said } from '../testing/try-out.ts'
import { a, b, backoffRun } from './backoff-runs.ts'
import type { BackoffInit } from '../../src/stages/backoff.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ExecutionContext } from 'ava'

/** Returns the milliseconds after its failure at which the only address returns */
async function comesBack (t: ExecutionContext, count: number, init?: BackoffInit, one = a, begin = 0): Promise<number> {
  const { trial, history } = backoffRun(t, init)
  await trial.pass(begin)
  const at = trial.clock.now()
  history.fail(one, at, count)
  trial.give({ candidates: [one] })
  await trial.pass(600_000)

  return (trial.outputs.find(({ candidates }) => candidates.length === 1)?.at ?? NaN) - trial.since(at)
}

for (const [count, ms] of [[1, 5_000], [2, 6_000], [3, 9_000], [10, 86_000], [18, 294_000], [19, 300_000], [1_000, 300_000]] as const) {
  test(`backoff() after failure ${count} in a row is ${ms} ms within 20 %`, async t => {
    const after = await comesBack(t, count)
    t.true(after >= ms * 0.8 && after <= ms * 1.2, `${after}`)
  })
}

test('backoff() has base, factor and max options', async t => {
  const init = { base: 100, factor: 10, max: 150 }
  const times = [await comesBack(t, 1, init), await comesBack(t, 3, init), await comesBack(t, 9, init)]
  ;[100, 140, 150].forEach((ms, i) => { t.true(Math.abs((times[i] as number) - ms) <= ms * 0.2, `${times}`) })
})

test('backoff() varies by address and failure, within 20 %', async t => {
  const times = await Promise.all(Array.from({ length: 40 }, async (_, i) => comesBack(t, 1, {}, cand(i + 1))))
  const later = await Promise.all(Array.from({ length: 40 }, async (_, i) => comesBack(t, 1, {}, a, i)))

  for (const all of [times, later]) {
    t.true(new Set(all).size > 35, `${all}`)
    // the random part covers 20 % on both sides
    t.true(Math.min(...all) < 4_300 && Math.max(...all) > 5_700, `${all}`)
  }
})

testProp('backoff() gives the same time each time it is asked', [fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 400_000 }), fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 8 })], async (t, count, ago, pauses) => {
  const { trial, fail } = backoffRun(t)
  fail(a, ago, count)
  trial.give({ candidates: [a, b] })
  await trial.settle()

  for (const ms of pauses) {
    await trial.pass(ms)
    trial.target.invalidate()
    await trial.settle()
  }

  // the address leaves once, returns once, and stays
  const present = trial.outputs.map(({ candidates }) => candidates.length)
  t.deepEqual(present, present.toSorted((one, other) => one - other))
  const other = backoffRun(t)
  other.fail(a, ago, count)
  other.trial.give({ candidates: [a, b] })
  await other.trial.pass(400_000)
  await trial.pass(400_000)
  const back = ({ outputs }: StageRun): number | undefined => outputs.find(({ candidates }) => candidates.length === 2)?.at
  t.is(back(trial), back(other.trial))
}, { numRuns: dose(50) })

test('backoff() for an address where another peer answered grows to an hour', async t => {
  for (const [count, ms] of [[1, 5_000], [19, 329_000], [1_000, 3_600_000]] as const) {
    const { trial, history } = backoffRun(t)
    history.failed.set(a.id, { count, at: trial.clock.now(), isWrongPeer: true })
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.deepEqual(said(trial), ['2'])
    t.regex(reason(trial, a) ?? '', count === 1 ? /^another peer answered there once, next try in [456] s$/ : /^another peer answered there \d+ times, next try in \d+ s$/)
    await trial.pass(ms * 1.2)
    t.deepEqual(said(trial), ['2', '1 2'])
    const after = trial.outputs[1]?.at ?? NaN
    t.true(after >= ms * 0.8, `${after}`)
  }
})
