import test from 'ava'
import { LogMean, Outcomes, probabilityWithin } from '../../src/history/statistics.ts'

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6

for (const what of ['successes', 'failures'] as const) {
  const other = what === 'successes' ? 'failures' : 'successes'
  const of = (count: number): [number, number] => what === 'successes' ? [count, 0] : [0, count]

  test(`${what} count half after the half-life, whatever is added or removed then`, t => {
    const outcomes = new Outcomes(1)
    outcomes.add(...of(1), 0)
    t.deepEqual(outcomes.counts(1), { [what]: 0.5, [other]: 0 } as any)
    outcomes.add(...of(1), 1)
    t.deepEqual(outcomes.counts(1), { [what]: 1.5, [other]: 0 } as any)
    outcomes.add(...of(0), 2)
    t.deepEqual([outcomes[what], outcomes[other], outcomes.at], [0.75, 0, 2])
    t.is(outcomes.raiseTo(what, 1, 3), 0.625)
    t.is(outcomes.raiseTo(what, 1, 3), 0)
    t.is(outcomes[what], 1)
  })
}

test('removing a decayed failure never makes the count negative', t => {
  const outcomes = new Outcomes(10)
  outcomes.add(1, 1, 0)
  outcomes.add(0, -0.25, 10)
  t.deepEqual(outcomes.counts(10), { successes: 0.5, failures: 0.25 })
  outcomes.add(0, -1, 10)
  t.deepEqual(outcomes.counts(10), { successes: 0.5, failures: 0 })
})

test('counts stay the same when the clock is set back', t => {
  const outcomes = new Outcomes(10)
  outcomes.add(1, 2, 100)
  t.deepEqual(outcomes.counts(100), { successes: 1, failures: 2 })
  t.deepEqual(outcomes.counts(50), { successes: 1, failures: 2 })
})

test('posterior() is the weighted mean of the belief and the counts', t => {
  const outcomes = new Outcomes(10)
  t.is(outcomes.posterior(0.5, 2, 0), 0.5)
  outcomes.add(3, 1, 0)
  t.is(rounded(outcomes.posterior(0.5, 2, 0)), rounded(4 / 6))
  t.is(rounded(outcomes.posterior(0.5, 2, 10)), rounded(2.5 / 4))
})

test('the log mean of up to 8 samples weights them equally, and later samples weigh an eighth', t => {
  const mean = LogMean.of(1, 0)
  const samples = [2, 5, 3, 7, 1, 9, 4]
  const logs = [1, ...samples].map(Math.log)

  for (const [i, ms] of samples.entries()) {
    mean.add(ms)
    t.is(rounded(mean.mean), rounded(logs.slice(0, i + 2).reduce((sum, log) => sum + log, 0) / (i + 2)))
    t.is(mean.count, Math.min(7, i + 2))
  }

  const before = mean.mean
  mean.add(100)
  t.is(rounded(mean.mean), rounded(before + (Math.log(100) - before) / 8))
  t.is(mean.count, 7)
})

test('the variance is that of the samples, with the believed one as a sample', t => {
  const own = LogMean.of(1, 0)
  own.add(Math.E)
  t.deepEqual([own.mean, own.variance, own.count].map(rounded), [0.5, 0.25, 2])
  const believed = new LogMean(0, 0.3)
  believed.add(1)
  t.deepEqual([believed.mean, believed.variance, believed.count].map(rounded), [0, 0.2, 3])
})

test('durations are clamped to 0.05 ms and two minutes, and a deviation to at least 0.15', t => {
  const of = (ms: number): number => rounded(Math.exp(LogMean.of(ms, 0).mean))
  t.deepEqual([of(0), of(0.04), of(0.06), of(119_999), of(120_000), of(120_001)], [0.05, 0.05, 0.06, 119_999, 120_000, 120_000])
  t.is(LogMean.of(1, 0).deviation, 0.15)
  t.is(rounded(LogMean.of(1, 0.09).deviation), 0.3)
})

test('probabilityWithin() is 0.5 at the median and 0 for no time', t => {
  t.deepEqual([-1, 0, 1].map(ms => probabilityWithin(ms, { mu: 0, sigma: 1 })), [0, 0, 0.5])
  t.is(rounded(probabilityWithin(Math.E, { mu: 0, sigma: 1 })), rounded(1 / (1 + Math.exp(-1.702))))
})
