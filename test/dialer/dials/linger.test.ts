import test from 'ava'
import { converge, fallback, filter, fromCaller, pipeline, race, retry, stagger, timeout } from '../../../src/stages/index.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { preferring } from '../../testing/try-out.ts'
import type { Stage } from '../../../src/pipeline/types.ts'

const first = filter('first', ({ id }) => id.includes('192.0.2.1/'))
const others = filter('others', ({ id }) => !id.includes('192.0.2.1/'))

/** Returns the number of connections of a dial: its first address refuses, the second connects late, and the third early */
async function connectionsOf (connecting: Stage<'candidates', 'connections'>): Promise<number> {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), connecting), { 1: { refuses: 5 }, 2: { connects: 800 }, 3: { connects: 100 } }, preferring(candidate(address(2, peer))).components())
  const dial = engine.dial([1, 2, 3].map(n => address(n, peer)))
  await clock.advance(20_000)
  await dial

  return network.attempts.filter(({ connection }) => connection != null).length
}

const plain = pipeline(others, stagger(50), race())
const lingering = pipeline(others, stagger(50), race(), converge())

test('a dial resolves with its first connection and ends when the converging alternative of fallback() did not connect', async t => {
  t.is(await connectionsOf(fallback(pipeline(first, race(), converge()), plain)), 1)
  t.is(await connectionsOf(fallback(timeout(50, pipeline(first, race(), converge())), plain)), 1)
})

test('a dial goes on after its first connection when the alternative that connects, or a stage around it, converges', async t => {
  t.is(await connectionsOf(fallback(pipeline(first, race()), lingering)), 2)
  t.is(await connectionsOf(fallback(pipeline(first, race()), timeout(1_000, retry(lingering)))), 2)
  t.is(await connectionsOf(pipeline(fallback(pipeline(first, race()), plain), converge())), 2)
})
