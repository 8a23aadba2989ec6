import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { attemptRetry } from '../../src/stages/attempt-layers.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { blackHole } from '../../src/stages/black-hole.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { giveUp } from '../../src/stages/give-up.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { cand, cands, dialled, isOver, tryOut, winners } from '../testing/try-out.ts'
import { estimate, FakeHistory } from './fake-history.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ExecutionContext } from 'ava'

/** Runs a race where first responses take up to 324 ms. The source has the ninth address */
function trialOf (t: ExecutionContext, last = race()): StageRun & { asked: number[] } {
  const asked: number[] = []
  const further = source('further', () => {
    asked.push(trial.since(trial.clock.now()))

    return [cand(9)]
  }, { when: 'exhausted' })
  const trial: StageRun = tryOut(t, pipeline(fromCaller(), further, stagger(100), last), { from: 'target', components: () => ({ history: new FakeHistory() }) })

  return Object.assign(trial, { asked })
}

test('a source with no more addresses is asked again when all attempts have been silent for a second longer than answers take', async t => {
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

for (const address of ['/ip4/8.8.8.8/udp/1/quic-v1', '/ip4/8.8.8.8/udp/1/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ']) {
  test(`a source with no more addresses is asked again after 5 s of ${address.split('/')[5]}, which never reports a first response`, async t => {
    const trial = trialOf(t)
    trial.give({ candidates: [cand(address)] })
    await trial.pass(4_999)
    t.deepEqual(trial.asked, [])
    await trial.pass(1)
    t.is(trial.asked.length, 1)
  })
}

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

test('an exhausted source is asked when the second try of attemptRetry() is silent although the first one had an answer', async t => {
  const trial = trialOf(t, race({ attempt: [attemptRetry(1)] }))
  trial.script([cand(1)], { refuses: 100, firstResponse: 50 })
  trial.give({ candidates: cands(1) })
  await trial.pass(150)
  trial.script([cand(1)], 'silent')
  await trial.pass(1_374)
  t.deepEqual(trial.asked, [])
  await trial.pass(1)
  t.is(trial.asked.length, 1)
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

/** Returns the dialled addresses with their times, in whole milliseconds */
function dialledAbout (trial: StageRun): string[] {
  return dialled(trial).map(one => one.replace(/\.\d+$/, ''))
}

/** Runs a race below `backoff()`. The addresses failed before it, the given milliseconds ago */
async function heldTrial (t: ExecutionContext, failed: readonly Candidate[], ago: number): Promise<StageRun> {
  const history = new FakeHistory()
  const trial = tryOut(t, pipeline(backoff(), giveUp(), stagger(100), race()), { components: () => ({ history }) })
  failed.forEach(one => { history.fail(one, trial.clock.now() - ago, 9) })

  return trial
}

test('backoff() releases its addresses, at the pace of the race, when all attempts have been silent for longer than answers take', async t => {
  const trial = await heldTrial(t, cands(3, 4), 2_000)
  trial.script([cand(4)], { connects: 10 })
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.rest()
  t.deepEqual(dialledAbout(trial), ['1 @0', '2 @100', '3 @424', '4 @524'])
  t.is(winners(trial), '4')
})

test('backoff() waits for at most a second of silence, however long answers take', async t => {
  const history = Object.assign(new FakeHistory(), { estimate: () => ({ ...estimate, firstResponse: { mu: Math.log(80), sigma: 2 } }) })
  const trial = tryOut(t, pipeline(backoff(), race()), { components: () => ({ history }) })
  history.fail(cand(2), trial.clock.now() - 2_000)
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @1000'])
})

test('backoff() releases no address within a second of its failure because all attempts are silent', async t => {
  const trial = await heldTrial(t, cands(2), 0)
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(5_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @1000'])
})

test('backoff() releases no address while an attempt has answered, until it has made no progress for a second', async t => {
  const trial = await heldTrial(t, cands(3), 2_000)
  trial.script([cand(1)], { connects: 60_000, firstResponse: 300 })
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.pass(5_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @1300'])
})

test('backoff() releases its addresses beside silent attempts while a stage above still searches', async t => {
  const trial = await heldTrial(t, cands(2), 2_000)
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.pass(5_000)
  t.deepEqual(dialledAbout(trial), ['1 @0', '2 @324'])
})

test('backoff() releases its addresses when a search above takes longer than a second and nothing is in flight', async t => {
  const trial = await heldTrial(t, cands(1), 2_000)
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(5_000)
  t.deepEqual(dialled(trial), ['1 @1000'])
})

test('backoff() holds an address that is found after a release until the attempts are silent again', async t => {
  const trial = await heldTrial(t, cands(2, 3), 2_000)
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.pass(500)
  trial.give({ candidates: cands(1, 2, 3), complete: false })
  await trial.pass(5_000)
  t.deepEqual(dialledAbout(trial), ['1 @0', '2 @324', '3 @648'])
})

test('backoff() releases its addresses when a QUIC attempt, which reports nothing before it connects, has been silent', async t => {
  const trial = await heldTrial(t, cands(2), 2_000)
  trial.give({ candidates: [cand('/ip4/8.8.8.8/udp/1/quic-v1'), cand(2)] })
  await trial.pass(2_000)
  t.deepEqual(dialledAbout(trial), ['/ip4/8.8.8.8/udp/1/quic-v1 @0', '2 @324'])
})

test('a race whose attempts are silent does not ask a stage again and again that orders its list otherwise each time', async t => {
  let asked = 0
  const shuffle = stage('shuffle', () => ({ candidates }) => asked++ % 2 === 0 ? candidates : candidates.toReversed())
  const trial = tryOut(t, pipeline(backoff(), shuffle, stagger(100), race()), { components: () => ({ history: new FakeHistory() }) })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(5_000)
  t.true(asked < 20, `${asked}`)
})

test('blackHole() passes its addresses when all attempts have been silent for longer than answers take', async t => {
  const history = Object.assign(new FakeHistory(), { paths: { udp: { successes: 0, failures: 25, failuresInARow: 25 } } })
  const trial = tryOut(t, pipeline(blackHole(), stagger(100), race()), { components: () => ({ history }) })
  trial.give({ candidates: [cand(1), cand('/ip4/8.8.8.8/udp/1/quic-v1')] })
  await trial.pass(5_000)
  t.deepEqual(dialledAbout(trial), ['1 @0', '/ip4/8.8.8.8/udp/1/quic-v1 @324'])
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
