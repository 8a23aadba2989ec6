import test from 'ava'
import { highest, lowest } from '../../src/pipeline/extremes.ts'

test('returns the lowest and the highest of any number of values', t => {
  const values = Array.from({ length: 200_000 }, (_, i) => (i * 7_919) % 200_000)
  t.is(lowest(values), 0)
  t.is(highest(values), 199_999)
  t.is(lowest(new Set([3, -Infinity])), -Infinity)
})

test('returns what any value replaces where there is none', t => {
  t.is(lowest([]), Infinity)
  t.is(highest([]), -Infinity)
})
