import test from 'ava'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { giveUp } from '../../src/stages/give-up.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { take } from '../../src/stages/take.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { systemError } from '../history/learning.ts'
import { cand, candsUpTo, dialled, reason, runStage, short, tryOut, winners } from '../testing/try-out.ts'
import { FakeHistory, withHistory } from './fake-history.ts'
import { giveUpOneByOne } from './give-up-one-by-one.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

test('giveUp() drops the rest after its number of failed attempts, and the dial fails', async t => {
  const all = candsUpTo(5)
  const trial = await runStage(t, giveUpOneByOne({ attempts: 3 }), all, { script: { refuses: 10 }, ...withHistory() })

  t.is(dialled(trial).length, 3)
  t.true(trial.ended)
  t.deepEqual(all.map(one => reason(trial, one)), [undefined, undefined, undefined, 'gave up after 3 failed attempts', 'gave up after 3 failed attempts'])
})

test('giveUp() allows as many failed attempts as the node\'s maxPeerAddrsToDial by default', async t => {
  const settings = { resolvers: {}, addressDialTimeout: 1_000, maxPeerAddrsToDial: 27 }
  const all = candsUpTo(30)
  const trial = await runStage(t, giveUpOneByOne(), all, { script: { refuses: 10 }, components: () => ({ history: new FakeHistory(), settings }) })
  t.is(dialled(trial).length, 27)
})

test('giveUp() gives the number of silent addresses and the probability as reason', async t => {
  const all = candsUpTo(8)
  const trial = await runStage(t, giveUpOneByOne(), all, withHistory())
  t.is(reason(trial, all[7] as Candidate), 'gave up: with 6 silent, the peer is online with a probability of 0.4 %')
})

for (const [code, attempts] of [['ETIMEDOUT', 6], ['EHOSTUNREACH', 6], ['EHOSTDOWN', 6], ['ECONNREFUSED', 8], ['ENODEV', 8]] as const) {
  test(`giveUp() judges failures like the history does: ${attempts} of 8 addresses are tried when all fail with ${code}`, async t => {
    const trial = await runStage(t, giveUpOneByOne(), candsUpTo(8), { script: { refuses: 400, error: systemError(code) }, ...withHistory() })
    t.is(dialled(trial).length, attempts)
  })
}

test('giveUp() weighs a failed attempt by the belief before it', async t => {
  const history = new FakeHistory()
  const all = candsUpTo(25)
  const trial = await runStage(t, giveUpOneByOne(), all, { ms: 500, ...withHistory(history) })
  // the history learns of the failures
  all.forEach(({ id }) => history.valid.set(id, 0.01))
  history.isOnline = 0.01
  await trial.rest()
  t.is(dialled(trial).length, 6)
})

test('giveUp() tries one address of a peer that was never online', async t => {
  const history = new FakeHistory()
  history.isOnline = 0
  const trial = tryOut(t, giveUpOneByOne(), withHistory(history))
  trial.script([cand(1)], { connects: 10 })
  trial.give({ candidates: candsUpTo(3) })
  await trial.rest()
  t.is(winners(trial), '1')
})

test('giveUp() tries an address in each of two consecutive runs', async t => {
  const history = new FakeHistory()
  history.isOnline = 0.001
  const impatient = race({ attempt: [attemptTimeout(100)] })
  const trial = await runStage(t, fallback(pipeline(take(1), impatient), pipeline(sequential(), giveUp(), impatient)), candsUpTo(4), withHistory(history))
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
})

test('giveUp() keeps attempted addresses in the list', async t => {
  const seen: string[] = []
  const below = stage('below', () => ({ candidates }) => {
    seen.push(short(candidates))

    return candidates
  })
  const all = candsUpTo(3)
  await runStage(t, pipeline(giveUp({ attempts: 1 }), below, race()), all, { script: { refuses: 10 }, ...withHistory() })
  t.deepEqual([...new Set(seen)], ['1 2 3', '1'])
})

test('giveUp() keeps user-given addresses', async t => {
  const all = [cand(1), cand(2), cand(3, { provenance: [{ source: 'user' }] }), cand(4)]
  const trial = await runStage(t, giveUpOneByOne({ attempts: 1 }), all, { script: { refuses: 10 }, ...withHistory() })
  t.deepEqual(dialled(trial).map(one => one.split(' ')[0]), ['1', '3'])
})

test('giveUp() keeps all addresses without a peer id', async t => {
  const all = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(n => address(n))
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), giveUp({ attempts: 3 }), race({ attempt: [attemptTimeout(100)] })), {}, { history: new FakeHistory() })
  await t.throwsAsync(clock.until(engine.dial(all)), { name: 'AggregateError' })
  t.is(network.attempts.length, 9)
})

test('a dial that gave up fails with the errors of its attempts, and explains the rest', async t => {
  const peer = await newPeer()
  const stored = [1, 2, 3, 4].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), giveUp({ attempts: 2 }), race()), { 1: { refuses: 10 }, 2: { refuses: 10 } }, { history: new FakeHistory(), stored })
  const error: any = await t.throwsAsync(clock.until(engine.dial(peer)))
  t.regex(error.message, /^All multiaddr dials failed for .*; 2 dropped by give-up: gave up after 2 failed attempts/)
  t.is(error.errors.length, 2)
  t.is(network.attempts.length, 2)
  t.is(clock.pending, 0)
})

test('giveUp() throws for invalid options', t => {
  // `any`: a wrong value on purpose, which the check at run time refuses
  for (const nonsense of [{ attempts: 0 }, { attempts: Number.NaN }, { online: 0.5 }] as any[]) {
    t.throws(() => giveUp(nonsense), { name: 'InvalidPipelineError' })
  }
})
