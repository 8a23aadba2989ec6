import test from 'ava'
import { logNormal, seeded, shuffled } from '../../../bench/network/random.ts'
import { mean, pairedDifference, quantile } from '../../../bench/network/statistics.ts'

test('quantile() interpolates between the two nearest values', t => {
  t.is(quantile(0.5)([4, 1, 3, 2]), 2.5)
  t.is(quantile(0.95)(Array.from({ length: 101 }, (_, i) => i)), 95)
  t.is(quantile(1)([1, 2]), 2)
})

test('pairedDifference() has an interval of zero width when all pairs differ by the same', t => {
  const first = Array.from({ length: 50 }, (_, i) => i ** 3)

  t.deepEqual(pairedDifference(first.map(value => value + 7), first), { value: 7, low: 7, high: 7 })
})

test('the interval of pairedDifference() of 400 pairs matches the normal approximation', t => {
  const random = seeded(3)
  const draw = (): number => Math.log(logNormal(random, 1, 10))
  const first = Array.from({ length: 400 }, draw)
  const second = Array.from({ length: 400 }, draw)
  const { value, low, high } = pairedDifference(first, second)
  const differences = first.map((one, i) => one - (second[i] ?? NaN))
  const error = 1.96 * Math.sqrt(mean(differences.map(one => (one - mean(differences)) ** 2)) / differences.length)

  t.true(Math.abs(value - mean(differences)) < 1e-9)
  t.true(Math.abs(low - (value - error)) < error / 10, `${low} ${value - error}`)
  t.true(Math.abs(high - (value + error)) < error / 10, `${high} ${value + error}`)
})

test('pairedDifference() returns the same interval for the same measurements', t => {
  t.deepEqual(pairedDifference([1, 5, 9, 2], [3, 3, 3, 3], quantile(0.95)), pairedDifference([1, 5, 9, 2], [3, 3, 3, 3], quantile(0.95)))
})

test('pairedDifference() throws for lists of different lengths', t => {
  t.throws(() => pairedDifference([1], [1, 2]), { message: /not pairs/ })
})

test('seeded() draws the same numbers between 0 and 1 for a seed, and shuffled() keeps all items', t => {
  const draws = Array.from({ length: 1_000 }, seeded(5))

  t.deepEqual(draws, Array.from({ length: 1_000 }, seeded(5)))
  t.notDeepEqual(draws, Array.from({ length: 1_000 }, seeded(6)))
  t.deepEqual(draws.filter(draw => !(draw >= 0 && draw < 1)), [])
  t.true(Math.abs(mean(draws) - 0.5) < 0.05)
  t.deepEqual(shuffled([1, 2, 3, 4, 5], seeded(1)).toSorted((a, b) => a - b), [1, 2, 3, 4, 5])
})
