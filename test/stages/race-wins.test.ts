import test from 'ava'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, dialled, isOver, preferring, short, tryOut, winners } from '../testing/try-out.ts'
import type { AttemptLayer } from '../../src/pipeline/types.ts'

const RELAY = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]

test('the first connection wins, and worse attempts are aborted', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race()), { takes: 1 })
  trial.script([b], { connects: 300 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(2_000)
  t.is(winners(trial), '2')
  trial.leave()
  await trial.settle()
  t.true([a, b, c, d].every(one => isOver(trial, one)))
  t.is(trial.network.open.length, 1)
})

test('after the first connection, race() waits for, starts and yields only better addresses', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race()), preferring(a, b, c, d))
  trial.script([a], { connects: 1_000 })
  trial.script([b], { connects: 400 })
  trial.script([c], { connects: 100 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(250)
  t.is(winners(trial), '3')
  t.true(isOver(trial, d))
  t.false(isOver(trial, a))
  t.false(isOver(trial, b))
  await trial.rest()
  t.is(winners(trial), '3 2 1')
  t.deepEqual(dialled(trial), ['1 @0', '2 @50', '3 @100', '4 @150'])
  t.true(trial.ended)
})

test('an untried better address starts after the first connection', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()), preferring(a, b, c))
  trial.script([b], { connects: 20 })
  trial.script([a], { connects: 20 })
  trial.give({ candidates: [b, c], complete: false })
  await trial.pass(10)
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @0', '1 @20'])
  t.is(winners(trial), '2 1')
})

test('a direct connection is better than a relayed one, and nothing is better than a direct one', async t => {
  const [r, s] = [cand(`/ip4/203.0.113.9/tcp/4001/p2p/${RELAY}/p2p-circuit`), cand(`/ip4/203.0.113.8/tcp/4001/p2p/${RELAY}/p2p-circuit`)]
  const trial = tryOut(t, pipeline(stagger(50), race()))
  trial.script([a], { connects: 1_000 })
  trial.script([r], { connects: 60 })
  trial.script([b], { connects: 400 })
  trial.give({ candidates: [a, r, b, s, c] })
  await trial.rest()
  t.deepEqual(dialled(trial).map(one => one.replace(short([r]), 'relayed')), ['1 @0', 'relayed @50', '2 @100', '3 @150'])
  t.deepEqual(trial.connections.map(({ direct }) => direct), [false, true])
  t.true([a, c].every(one => isOver(trial, one)))
})

test('a connection that completes too late to be better is closed', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race()))
  trial.host.ignoresSignal = true
  trial.script([a], { connects: 100 })
  trial.script([b], { connects: 60 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.is(winners(trial), '1')
  t.is(trial.network.open.length, 1)
})

test('when two connections complete together, the second is yielded if it is better', async t => {
  for (const [order, expected] of [[[a, b], '1'], [[b, a], '1 2']] as const) {
    const trial = tryOut(t, pipeline(stagger(0), race()), preferring(...order))
    trial.script([a], { connects: 100 })
    trial.script([b], { connects: order[0] === a ? 90 : 100 })
    trial.give({ candidates: order })
    await trial.rest()
    t.is(winners(trial), order[0] === a ? expected : '2')
    t.is(trial.network.open.length, trial.outputs.length)
  }
})

test('after the winner has left the list, attempts in flight may still win, and nothing worse starts', async t => {
  const untried = stage('untried', dial => ({ candidates }) => candidates.filter(one => !dial.tried(one)))
  const trial = tryOut(t, pipeline(untried, stagger(50), race()), preferring(a, b, c, d))
  trial.script([a], { connects: 1_000 })
  trial.script([b], { connects: 20 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(500)
  // the list that is made now leaves out tried addresses
  trial.target.invalidate()
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @50'])
  t.is(winners(trial), '2 1')
})

test('a connection that was not read yet is closed when the race is left', async t => {
  const trial = tryOut(t, pipeline(stagger(10), race()), { takes: 1, ...preferring(a, b) })
  trial.script([a], { connects: 400 })
  trial.script([b], { connects: 90 })
  trial.give({ candidates: [a, b] })
  await trial.pass(500)
  t.is(winners(trial), '2')
  t.is(trial.network.open.length, 2)
  trial.leave()
  await trial.settle()
  t.is(trial.network.open.length, 1)
})

test('each attempt times out after addressDialTimeout', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.true(trial.ended)
  t.deepEqual(trial.dial.outcomes.map(({ status, endedAt }) => `${status} @${trial.since(endedAt)}`), ['failed @6000', 'failed @6250'])
})

test('attempt layers wrap each attempt, the first layer outermost', async t => {
  const order: string[] = []
  const layer = (name: string): AttemptLayer => next => async (candidate, options) => {
    order.push(`${name} ${short([candidate])}`)
    return next(candidate, options)
  }
  const trial = tryOut(t, race({ attempt: [layer('outer'), layer('inner'), attemptTimeout(100)] }))
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(order, ['outer 1', 'inner 1', 'outer 2', 'inner 2'])
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
})

test('each dial has its own race', async t => {
  const init = race()
  const trials = [tryOut(t, init), tryOut(t, init)]
  trials.forEach(trial => {
    trial.script([a], { connects: 10 })
    trial.give({ candidates: [a] })
  })
  await Promise.all(trials.map(async trial => trial.rest()))
  t.deepEqual(trials.map(winners), ['1', '1'])
})

test('a race whose best connection a stage below has discarded ends without waiting for a source', async t => {
  const discarding = stage({
    name: 'discarding',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, dial) {
      for await (const connection of connections) {
        dial.discard(connection)
      }

      yield * []
    }
  })

  for (const [best, ended] of [[a, true], [b, false]] as const) {
    const trial = tryOut(t, pipeline(race(), discarding), preferring(best))
    trial.script([a], { connects: 100 })
    trial.give({ candidates: [a], complete: false })
    await trial.pass(1_000)
    t.is(trial.ended, ended)
  }
})
