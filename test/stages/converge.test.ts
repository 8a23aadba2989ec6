import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { converge } from '../../src/stages/converge.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { connectionTo } from '../../src/testing/compliance/lifecycle.ts'
import { cand, cands, preferring, short, tryOut } from '../testing/try-out.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { Connection } from '@libp2p/interface'

async function give (trial: StageRun, n: number): Promise<Connection> {
  const connection = await connectionTo(trial, cand(n))
  trial.upstream.give(connection)
  await trial.settle()

  return connection
}

/** Prefers an address that these tests never dial */
const wantsMore = preferring(cand(99), cand(1), cand(2))

const names = (connections: readonly Connection[]): string => short(connections.map(({ remoteAddr }) => remoteAddr.toString()))

test('converge() yields the first connection at once, and better ones after it', async t => {
  const trial = tryOut(t, converge(), { from: 'connections', ...wantsMore })
  const first = await give(trial, 1)
  t.deepEqual(trial.connections, [first])
  const second = await give(trial, 2)
  t.deepEqual(trial.connections, [first, second])
})

test('converge() throws for options of the node, and says where they belong', t => {
  t.throws(() => converge({ idle: 1_000 } as any), { name: 'InvalidPipelineError', message: 'converge() has no option "idle", which holds for all connections of a node: write dialer(pipeline, { convergence: { idle } })' })
})

test('converge() ends after a first connection that is direct and unlimited', async t => {
  const trial = tryOut(t, converge(), { from: 'connections' })
  const first = await give(trial, 1)
  t.deepEqual(trial.connections, [first])
  t.true(trial.ended)
  t.false(trial.part.lingers)
})

test('converge() lingers until the dial timeout by default', async t => {
  const trial = tryOut(t, converge(), { from: 'connections', components: () => ({ ...wantsMore.components(), settings: { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: 5_000 } }) })
  await trial.pass(2_000)
  await give(trial, 1)
  await trial.pass(2_999)
  t.false(trial.ended)
  await trial.pass(1)
  t.true(trial.ended)
})

test('converge() ends linger milliseconds after the first connection', async t => {
  const trial = tryOut(t, converge({ linger: 500 }), { from: 'connections', ...wantsMore })
  await trial.pass(1_000)
  await give(trial, 1)
  await trial.pass(300)
  await give(trial, 2)
  await trial.pass(199)
  t.false(trial.ended)
  await trial.pass(1)
  t.true(trial.ended)
})

test('converge() ends when the race ends', async t => {
  const trial = tryOut(t, converge(), { from: 'connections', ...wantsMore })
  await give(trial, 1)
  trial.upstream.end()
  await trial.settle()
  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('converge() does not wait for the race after its linger time', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race(), converge({ linger: 500 })), wantsMore)
  trial.script([cand(1)], { connects: 5_000 })
  trial.script([cand(2)], { connects: 100 })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(699)
  t.false(trial.ended)
  await trial.pass(1)
  t.true(trial.ended)
  t.is(names(trial.connections), '2')
  t.false(trial.host.attempts[0]?.signal.aborted)
  // ends the scope of the dial, like the code that runs a pipeline
  trial.leave()
  await trial.settle()
  t.true(trial.host.attempts[0]?.signal.aborted)
})

test('a connection that completes after the linger time is closed', async t => {
  const trial = tryOut(t, converge({ linger: 500 }), { from: 'connections', ...wantsMore })
  const first = await give(trial, 1)
  await trial.pass(500)
  t.true(trial.ended)
  const second = await give(trial, 2)
  await trial.settle()
  t.is(first.status, 'open')
  t.is(second.status, 'closed')
})

test('converge() yields a better connection that completes within the linger time', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race(), converge({ linger: 500 })), wantsMore)
  trial.script([cand(1)], { connects: 600 })
  trial.script([cand(2)], { connects: 100 })
  trial.give({ candidates: cands(1, 2) })
  await trial.rest()
  t.is(names(trial.connections), '2 1')
})

test('converge() lingers after a first connection that is not the best', async t => {
  const trial = tryOut(t, converge(), { from: 'connections', ...wantsMore })
  t.false(trial.part.lingers)
  await give(trial, 1)
  t.true(trial.part.lingers)
})
