import test from 'ava'
import { highest, lowest } from '../../src/pipeline/extremes.ts'

test('lowest() and highest() work on 200,000 values', t => {
  const values = Array.from({ length: 200_000 }, (_, i) => (i * 7_919) % 200_000)
  t.is(lowest(values), 0)
  t.is(highest(values), 199_999)
  t.is(lowest(new Set([3, -Infinity])), -Infinity)
})

test('lowest() and highest() of no values are Infinity and -Infinity', t => {
  t.is(lowest([]), Infinity)
  t.is(highest([]), -Infinity)
})
