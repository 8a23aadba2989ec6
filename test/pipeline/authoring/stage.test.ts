import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { SELF } from '../../../src/testing/compliance/samples.ts'
import { cand, cands, runStage, said, short } from '../../testing/try-out.ts'
import type { Candidate, List } from '../../../src/pipeline/types.ts'

const [a, b] = [cand(1), cand(2)]
const mapped = (answer: (list: List) => any) => stage('by-hand', () => answer)

test('stage() returns its name, what it accepts and yields, and its options', t => {
  const { name, accepts, yields, options } = stage('by-hand', () => ({ candidates }) => candidates, { options: ['mood', 'mood'] })
  t.deepEqual({ name, accepts, yields, options }, { name: 'by-hand', accepts: { candidates: true }, yields: 'candidates', options: ['mood'] })
})

test('stage() below a race returns its name, what it accepts and yields, and its options', t => {
  const { name, accepts, yields, options } = stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', options: ['mood'], run: async function * () {} })
  t.deepEqual({ name, accepts, yields, options }, { name: 'by-hand', accepts: { connections: true }, yields: 'connections', options: ['mood'] })
})

test('a stage is frozen and does not follow changes of its definition', async t => {
  const definition = { name: 'by-hand', accepts: ['connections'] as const, yields: 'connections' as const, run: async function * (connections: any) { yield * connections } }
  const made = stage(definition)
  t.deepEqual([made, made.accepts, made.options].map(Object.isFrozen), [true, true, true])

  definition.run = async function * () {}
  const trial = await runStage(t, pipeline(race(), made), [a], { script: { connects: 10 } })
  t.is(trial.connections.length, 1)
})

test('a stage begins once in a run, and is asked for each list', async t => {
  let begun = 0
  const trial = await runStage(t, stage('turned', dial => {
    begun++
    t.is(dial.clock, dial.node.clock)
    t.truthy(dial.target.peerId)

    return ({ candidates }) => candidates.length < dial.node.settings.maxPeerAddrsToDial ? candidates.toReversed() : candidates
  }), cands(1, 2, 3), { ms: 0 })
  trial.give({ candidates: cands(4, 5) })
  await trial.settle()
  t.deepEqual(said(trial), ['3 2 1', '5 4'])
  t.is(begun, 1)
})

test('a stage receives a copy of the list, which it may change', async t => {
  const trial = await runStage(t, pipeline(mapped(({ candidates }) => (candidates as Candidate[]).splice(1)), mapped(({ candidates }) => (candidates as Candidate[]).splice(0, 1))), cands(1, 2, 3), { ms: 0 })
  trial.target.invalidate()
  await trial.settle()
  t.deepEqual(said(trial), ['2'])
})

test('an equal answer of a stage does not cause the next to be asked', async t => {
  const seen: string[] = []
  const trial = await runStage(t, pipeline(mapped(({ candidates }) => [...candidates].slice(0, 1)), stage('below', () => ({ candidates }) => {
    seen.push(short(candidates))

    return candidates
  })), [a], { ms: 0 })
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(seen, ['1'])
  t.deepEqual(said(trial), ['1'])
})

test('perNode keeps state for each node and passes it to begin', async t => {
  let begun = 0
  const counting = stage('counting', (_dial, _work, state) => {
    state.dials++

    return ({ candidates }) => candidates.slice(0, state.dials)
  }, { perNode: ({ peerId }) => {
    begun++
    t.truthy(peerId)

    return { dials: 0 }
  } })

  for (let node = 1; node <= 2; node++) {
    const trial = await runStage(t, counting, [a, b], { ms: 0 })
    t.deepEqual(said(trial), ['1'])
    t.is(begun, node)
  }
})

test('a stage may pass on a listed address of another peer', async t => {
  const other = candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`))
  const trial = await runStage(t, mapped(({ candidates }) => candidates), [other], { ms: 0 })
  t.deepEqual(trial.last?.candidates, [other])
})

test('a stage may add candidates of its own', async t => {
  const own = cand(9)
  const trial = await runStage(t, mapped(({ candidates }) => [...candidates, own]), [a], { ms: 0 })
  t.is(short(trial.ids), '1 9')
})
