import test from 'ava'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { retry } from '../../src/pipeline/combinators/retry.ts'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { dialled, runStage, tryOut } from '../testing/try-out.ts'
import { FakeHistory, withHistory } from './fake-history.ts'
import { a, b } from './backoff-runs.ts'

test('backoff() does not record a drop for an address that fails in the same dial', async t => {
  const history = new FakeHistory()
  const trial = tryOut(t, pipeline(backoff(), race()), withHistory(history))
  trial.script([a], { refuses: 10 })
  trial.script([b], { connects: 200 })
  trial.give({ candidates: [a, b] })
  await trial.pass(5)
  history.fail(a, trial.clock.now() + 5)
  await trial.rest()
  t.is(trial.outputs.length, 1)
  t.like(trial.host.story.addresses.get(a.id), { dropped: undefined, attempts: { length: 1 } })
  t.is(trial.clock.pending, 0)
})

test('retry() inside or around backoff() repeats failed addresses', async t => {
  for (const stage of [pipeline(backoff(), retry(race(), { delay: 100 })), retry(pipeline(backoff(), race()), { delay: 100 })]) {
    const history = new FakeHistory()
    const trial = await runStage(t, stage, [a], { script: { refuses: 10 }, ms: 50, ...withHistory(history) })
    history.fail(a, trial.clock.now() - 40)
    await trial.rest()
    t.deepEqual(dialled(trial), ['1 @0', '1 @110'])
  }
})

test('backoff() in an alternative tries addresses that failed before the dial last', async t => {
  const history = new FakeHistory()
  const trial = tryOut(t, fallback(pipeline(filter('none', () => false), race()), pipeline(backoff(), race())), withHistory(history))
  history.fail(a, trial.clock.now())
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.pass(100)
  t.deepEqual(dialled(trial), ['2 @0', '1 @10'])
})

test('exhausted routing is asked when backoff() holds all addresses, which are tried meanwhile', async t => {
  const history = new FakeHistory()
  const trial = tryOut(t, pipeline(fromPeerStore(), fromRouting({ when: 'exhausted' }), backoff(), race()), {
    from: 'target',
    components: () => ({ history, stored: [{ multiaddr: a.multiaddr, isCertified: false }], routed: async () => [b.multiaddr] })
  })
  history.fail(a, trial.clock.now())
  trial.script([a], { refuses: 10 })
  trial.script([b], { connects: 10 })
  trial.give()
  await trial.pass(100)
  t.deepEqual(dialled(trial).map(one => one.split(' ')[0]), ['1', '2'])
  t.is(trial.outputs.length, 1)
})
