import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { converge } from '../../src/stages/converge.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { connectionTo } from '../../src/testing/compliance/settling/connection.ts'
import { cand, cands, errorsOf, short, tryOut } from '../testing/try-out.ts'
import type { Trial } from '../../src/testing/compliance/trial.ts'
import type { BetterConnection } from '../../src/stages/converge.ts'
import type { Connection } from '@libp2p/interface'

async function give (trial: Trial, n: number): Promise<Connection> {
  const connection = await connectionTo(trial, cand(n))
  trial.upstream.give(connection)
  await trial.settle()

  return connection
}

const names = (connections: readonly Connection[]): string => short(connections.map(({ remoteAddr }) => remoteAddr.toString()))

test('passes the first connection on at once, and after it the better ones', async t => {
  const better: BetterConnection[] = []
  const trial = tryOut(t, converge({ onBetter: one => { better.push(one) } }), { from: 'connections' })
  const first = await give(trial, 1)
  t.deepEqual(trial.connections, [first])
  t.deepEqual(better, [])
  const second = await give(trial, 2)
  t.deepEqual(trial.connections, [first, second])
  t.deepEqual(better, [{ previous: first, preferred: second }])
})

test('is over when it has lingered, counted from the first', async t => {
  const trial = tryOut(t, converge({ linger: 500 }), { from: 'connections' })
  await trial.pass(1_000)
  await give(trial, 1)
  await trial.pass(300)
  await give(trial, 2)
  await trial.pass(199)
  t.false(trial.ended)
  await trial.pass(1)
  t.true(trial.ended)
})

test('is over with its source', async t => {
  const trial = tryOut(t, converge(), { from: 'connections' })
  await give(trial, 1)
  trial.upstream.end()
  await trial.settle()
  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('does not wait for the race above it when it has lingered', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race(), converge({ linger: 500 })))
  trial.script([cand(1)], { connects: 5_000 })
  trial.script([cand(2)], { connects: 100 })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(699)
  t.false(trial.ended)
  await trial.pass(1)
  t.true(trial.ended)
  t.is(names(trial.connections), '2')
  t.false(trial.host.attempts[0]?.signal.aborted)
  // whoever runs a pipeline aborts its scope when it has ended
  trial.leave()
  await trial.settle()
  t.true(trial.host.attempts[0]?.signal.aborted)
})

test('what the race gives after it has lingered is given back', async t => {
  const trial = tryOut(t, converge({ linger: 500 }), { from: 'connections', takes: 1 })
  const first = await give(trial, 1)
  const second = await give(trial, 2)
  trial.leave()
  await trial.settle()
  t.is(first.status, 'open')
  t.is(second.status, 'closed')
})

test('yields the better one that completes while it lingers', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race(), converge({ linger: 500 })))
  trial.script([cand(1)], { connects: 600 })
  trial.script([cand(2)], { connects: 100 })
  trial.give({ candidates: cands(1, 2) })
  await trial.rest()
  t.is(names(trial.connections), '2 1')
})

test('a callback that throws troubles nobody', async t => {
  const trial = tryOut(t, converge({ onBetter: () => { throw new Error('Broken') } }), { from: 'connections' })
  const logged = errorsOf(trial)
  await give(trial, 1)
  await give(trial, 2)
  t.is(trial.connections.length, 2)
  t.is(trial.failure, undefined)
  t.is(logged.length, 1)
})

test('says that it wants more than the first', async t => {
  const trial = tryOut(t, converge(), { from: 'connections' })
  await trial.settle()
  t.true(trial.host.lingers)
})

test('one that is no longer preferred is closed when it has been idle, and the preferred one never', async t => {
  const trial = tryOut(t, converge({ idle: 1_000 }), { from: 'connections' })
  const first = await give(trial, 1)
  const second = await give(trial, 2)
  await trial.pass(999)
  t.is(first.status, 'open')
  await trial.pass(1)
  t.is(first.status, 'closed')
  await trial.pass(100_000)
  t.is(second.status, 'open')
  t.is(trial.clock.pending, 0)
})
