import { quic } from '@chainsafe/libp2p-quic'
import { tcp } from '@libp2p/tcp'
import test from 'ava'
import { simultaneous } from '../../test/convergence/simultaneous.ts'
import { QUIC } from './kit.ts'

const rounds = { pairs: 5, rounds: 20, node: { transports: [tcp(), quic()], listen: ['/ip4/127.0.0.1/tcp/0', QUIC] } }

test.serial('100 rounds in which both ends dial over TCP and QUIC at once: one connection is left, the same for both', async t => {
  const outcome = await simultaneous({ ...rounds, rule: 'both' })
  t.log(JSON.stringify(outcome))
  t.like(outcome, { rounds: 100, converged: 100, lost: 0, cut: 0, connections: 400 })
})

test.serial('100 rounds over TCP and QUIC where connections of one end only converge: they stay connected', async t => {
  const outcome = await simultaneous({ ...rounds, rule: 'one' })
  t.log(JSON.stringify(outcome))
  t.like(outcome, { rounds: 100, thinned: 100, lost: 0, cut: 0, connections: 400 })
})
