import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import { cand, cands, dialled, isOver, tryOut, winners } from '../testing/try-out.ts'
import { FakeHistory } from './fake-history.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ExecutionContext } from 'ava'

/** Runs a race where first responses take up to 324 ms. The source has the ninth address */
function trialOf (t: ExecutionContext): StageRun & { asked: number[] } {
  const asked: number[] = []
  const further = source('further', () => {
    asked.push(trial.since(trial.clock.now()))

    return [cand(9)]
  }, { when: 'exhausted' })
  const trial: StageRun = tryOut(t, pipeline(fromCaller(), further, stagger(100), race()), { from: 'target', components: () => ({ history: new FakeHistory() }) })

  return Object.assign(trial, { asked })
}

test('an exhausted source is asked when all attempts have been silent for a second longer than answers take', async t => {
  const trial = trialOf(t)
  trial.script([cand(9)], { connects: 10 })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(1_424)
  t.deepEqual(trial.asked, [])
  t.false(isOver(trial, cand(1)))
  await trial.pass(1)
  t.is(trial.asked.length, 1)
  t.false(isOver(trial, cand(1)))
  await trial.pass(20)
  t.is(winners(trial), '9')
})

test('a silent attempt may connect while an exhausted source is asked', async t => {
  const trial = trialOf(t)
  trial.script([cand(1)], { connects: 2_000 })
  trial.give({ candidates: cands(1) })
  await trial.rest()
  t.is(winners(trial), '1')
  t.deepEqual(dialled(trial), ['1 @0', `9 @${trial.asked[0]}`])
})

test('an exhausted source is not asked while an attempt has answered', async t => {
  const trial = trialOf(t)
  trial.script([cand(1)], { connects: 5_000, firstResponse: 1_000 })
  trial.give({ candidates: cands(1, 2) })
  await trial.rest()
  t.is(winners(trial), '1')
  t.deepEqual(trial.asked, [])
})

test('an exhausted source is not asked while an attempt waits for a slot or an address is untried', async t => {
  const trial = trialOf(t)
  trial.host.hasSlots = false
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(5_000)
  t.deepEqual(trial.asked, [])
})

test('an exhausted source is asked once for silence, and the last call still follows', async t => {
  const lists: boolean[] = []
  const whole = pipeline(fromCaller(), source('further', (_, above) => {
    lists.push(above.length > 0)

    return []
  }, { when: 'exhausted' }), race())
  const trial = tryOut(t, whole, { from: 'target', components: () => ({ history: new FakeHistory() }) })
  trial.give({ candidates: cands(1) })
  await trial.rest()
  t.deepEqual(lists, [true])
  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('backoff() does not release addresses because all others are silent', async t => {
  const history = new FakeHistory()
  const trial = tryOut(t, pipeline(backoff(), stagger(100), race()), { components: () => ({ history }) })
  trial.give({ candidates: [], complete: false })
  history.fail(cand(2), trial.clock.now())
  history.failed.set(cand(2).id, { count: 9, at: trial.clock.now(), isWrongPeer: false })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(5_000)
  t.deepEqual(dialled(trial), ['1 @0'])
  await trial.pass(1_100)
  t.deepEqual(dialled(trial), ['1 @0', '2 @6000'])
})

test('a dial with attempts in flight keeps its place while it asks an exhausted source', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const whole = pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race())
  const asked: number[] = []
  const { engine, clock, network } = engineWorld(whole, { 3: { connects: 10 } }, {
    settings: { maxParallelDials: 1 },
    stored: [{ multiaddr: address(1, a), isCertified: false }],
    routed: async () => {
      asked.push(clock.now())

      return new Promise(() => {})
    }
  })
  engine.dial(a, { signal: new AbortController().signal }).catch(() => {})
  const other = engine.dial(address(3, b))
  await clock.until(other)

  t.is(asked.length, 1)
  t.true((asked[0] ?? Infinity) < 2_000)
  t.deepEqual(network.attempts.slice(0, 2).map(({ at }) => at), [0, 6_000])
  engine.stop()
})
