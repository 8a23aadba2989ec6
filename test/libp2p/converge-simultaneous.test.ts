import test from 'ava'
import { simultaneous } from '../convergence/simultaneous.ts'
import { dose } from '../support/dose.ts'

// bench/converge.ts runs 500 of each
const few = { pairs: dose(4, 2), rounds: dose(8, 2) }

test.serial('two peers that dial each other over two transports converge on the same connection', async t => {
  const { rounds, converged, lost, connections, streams, crossed, cut } = await simultaneous({ ...few, rule: 'both' })
  t.is(converged, rounds)
  t.is(lost, 0)
  t.is(cut, 0)
  t.is(connections, 4 * rounds)
  t.true(streams > rounds)
  t.log(`${rounds} rounds, ${streams} streams, ${crossed} crossed with a close`)
})

test.serial('two peers of which one converges stay connected', async t => {
  const { rounds, thinned, lost, connections, cut } = await simultaneous({ ...few, rule: 'one' })
  t.is(lost, 0)
  t.is(thinned, rounds)
  t.is(cut, 0)
  t.is(connections, 4 * rounds)
})
