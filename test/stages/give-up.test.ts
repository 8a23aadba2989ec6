import { TimeoutError } from '@libp2p/interface'
import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptTimeout } from '../../src/stages/attempt-timeout.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { giveUp } from '../../src/stages/give-up.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { take } from '../../src/stages/take.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import { dose } from '../support/dose.ts'
import { cand, cands, dialled, reason, short, tryOut, winners } from '../testing/try-out.ts'
import { FakeHistory } from './fake-history.ts'
import type { GiveUpInit } from '../../src/stages/give-up.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ExecutionContext } from 'ava'

const refuses: Script = { refuses: 10 }

function trialOf (t: ExecutionContext, init?: GiveUpInit, history = new FakeHistory()): StageRun {
  return tryOut(t, pipeline(sequential(), giveUp(init), race({ attempt: [attemptTimeout(1_000)] })), { components: () => ({ history }) })
}

function many (count: number): Candidate[] {
  return cands(...Array.from({ length: count }, (_, i) => i + 1))
}

test('giveUp() drops the rest after its number of failed attempts, and the dial fails', async t => {
  const trial = trialOf(t, { attempts: 3 })
  const all = many(5)
  trial.script(all, refuses)
  trial.give({ candidates: all })
  await trial.rest()

  t.is(dialled(trial).length, 3)
  t.true(trial.ended)
  t.deepEqual(all.map(one => reason(trial, one)), [undefined, undefined, undefined, 'gave up after 3 failed attempts', 'gave up after 3 failed attempts'])
})

test('giveUp() allows as many failed attempts as the node\'s maxPeerAddrsToDial by default', async t => {
  const settings = { resolvers: {}, addressDialTimeout: 1_000, maxPeerAddrsToDial: 27 }
  const trial = tryOut(t, pipeline(sequential(), giveUp(), race()), { components: () => ({ history: new FakeHistory(), settings }) })
  const all = many(30)
  trial.script(all, refuses)
  trial.give({ candidates: all })
  await trial.rest()
  t.is(dialled(trial).length, 27)
})

test('giveUp() without limits tries all addresses', async t => {
  const trial = trialOf(t, { attempts: Infinity, minOnlineProbability: 0 })
  trial.give({ candidates: many(25) })
  await trial.rest()
  t.is(dialled(trial).length, 25)
})

for (const [online, valid, tries] of [
  [0.75, 2 / 3, 6],
  [0.75, 0.3, 16],
  [0.75, 0.9, 3],
  [0.75, 1, 2],
  [0.95, 2 / 3, 7],
  [0.2, 2 / 3, 3],
  [0.005, 0.1, 1]
] as const) {
  test(`giveUp() tries ${tries} silent addresses of a peer online with ${online} and valid addresses with ${valid.toFixed(2)}`, async t => {
    const history = new FakeHistory()
    history.isOnline = online
    const all = many(25)
    all.forEach(({ id }) => history.valid.set(id, valid))
    const trial = trialOf(t, {}, history)
    trial.give({ candidates: all })
    await trial.rest()

    t.is(dialled(trial).length, tries)
    t.true(trial.ended)
    t.is(trial.clock.pending, 0)
  })
}

test('giveUp() tries more silent addresses after refusals', async t => {
  for (const [refused, tries] of [[0, 4], [1, 9], [4, 20]] as const) {
    const history = new FakeHistory()
    history.strength = 8
    const all = many(25)
    all.forEach(({ id }) => history.valid.set(id, 0.93))
    const trial = trialOf(t, {}, history)
    trial.script(all.slice(0, refused), refuses)
    trial.give({ candidates: all })
    await trial.rest()

    t.is(dialled(trial).length - refused, tries)
  }
})

testProp('giveUp() stops exactly when the posterior of the peer being online falls below its limit', [
  fc.array(fc.record({ valid: fc.double({ min: 0, max: 1, noNaN: true }), isSilent: fc.boolean() }), { minLength: 1, maxLength: 12 }),
  fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  fc.double({ min: 0, max: 0.99, noNaN: true })
], async (t, addresses, before, least) => {
  const history = new FakeHistory()
  history.isOnline = before
  const all = many(addresses.length)
  const trial = trialOf(t, { attempts: Infinity, minOnlineProbability: least }, history)
  addresses.forEach(({ valid, isSilent }, i) => {
    history.valid.set((all[i] as Candidate).id, valid)
    trial.script([all[i] as Candidate], isSilent ? 'silent' : refuses)
  })
  trial.give({ candidates: all })
  await trial.rest()

  // Bayes' rule for each address in turn
  let posterior = before
  let tries = 0

  for (const { valid, isSilent } of addresses) {
    const doubt = 1 - Math.min(valid, 0.99)
    tries++
    posterior = isSilent ? posterior * doubt / (posterior * doubt + 1 - posterior) : posterior
    // skips cases that are too close for floating point
    fc.pre(Math.abs(posterior - least) > 1e-9)

    if (isSilent && posterior < least) {
      break
    }
  }

  t.is(dialled(trial).length, tries)
}, { numRuns: dose(100) })

test('giveUp() gives the number of silent addresses and the probability as reason', async t => {
  const trial = trialOf(t)
  const all = many(8)
  trial.give({ candidates: all })
  await trial.rest()
  t.is(reason(trial, all[7] as Candidate), 'gave up: with 6 silent, the peer is online with a probability of 0.4 %')
})

test('giveUp() counts a refusal or a failed handshake as proof that the peer is online', async t => {
  for (const error of [new Error('connect ECONNREFUSED'), Object.assign(new Error('closed'), { name: 'EncryptionFailedError' })]) {
    const trial = trialOf(t, { attempts: Infinity })
    const all = many(25)
    trial.script(all, { refuses: 10, error })
    trial.give({ candidates: all })
    await trial.rest()
    t.is(dialled(trial).length, 25)
  }
})

test('giveUp() counts a system timeout as silence', async t => {
  const trial = trialOf(t)
  const all = many(25)
  trial.script(all, { refuses: 10, error: Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }) })
  trial.script(all.slice(0, 3), { refuses: 10, error: new TimeoutError() })
  trial.give({ candidates: all })
  await trial.rest()
  t.is(dialled(trial).length, 6)
})

test('giveUp() weighs a failed attempt by the belief before it', async t => {
  const history = new FakeHistory()
  const trial = trialOf(t, {}, history)
  const all = many(25)
  trial.give({ candidates: all })
  await trial.pass(500)
  // the history learns of the failures
  all.forEach(({ id }) => history.valid.set(id, 0.01))
  history.isOnline = 0.01
  await trial.rest()
  t.is(dialled(trial).length, 6)
})

test('giveUp() tries one address of a peer that was never online', async t => {
  const history = new FakeHistory()
  history.isOnline = 0
  const trial = trialOf(t, {}, history)
  trial.script([cand(1)], { connects: 10 })
  trial.give({ candidates: many(3) })
  await trial.rest()
  t.is(winners(trial), '1')
})

test('giveUp() tries an address in each of two consecutive runs', async t => {
  const history = new FakeHistory()
  history.isOnline = 0.001
  const impatient = race({ attempt: [attemptTimeout(100)] })
  const trial = tryOut(t, fallback(pipeline(take(1), impatient), pipeline(sequential(), giveUp(), impatient)), { components: () => ({ history }) })
  trial.give({ candidates: many(4) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
})

test('giveUp() keeps attempted addresses in the list', async t => {
  const seen: string[] = []
  const below = stage('below', () => ({ candidates }) => {
    seen.push(short(candidates))

    return candidates
  })
  const trial = tryOut(t, pipeline(giveUp({ attempts: 1 }), below, race()), { components: () => ({ history: new FakeHistory() }) })
  const all = many(3)
  trial.script(all, refuses)
  trial.give({ candidates: all })
  await trial.rest()
  t.deepEqual([...new Set(seen)], ['1 2 3', '1'])
})

test('giveUp() lets attempts in flight finish', async t => {
  const trial = tryOut(t, pipeline(giveUp({ attempts: 1 }), stagger(20), race()), { components: () => ({ history: new FakeHistory() }) })
  trial.script([cand(1)], { refuses: 30 })
  trial.script([cand(2)], { connects: 100 })
  trial.give({ candidates: many(4) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @20'])
  t.is(winners(trial), '2')
  // the address connected, and has no other reason
  t.is(reason(trial, cand(2)), undefined)
  t.is(reason(trial, cand(3)), 'gave up after a failed attempt')
})

test('giveUp() counts an attempt in flight as silent once an answer is overdue', async t => {
  const trial = tryOut(t, pipeline(giveUp(), stagger(50), race()), { components: () => ({ history: new FakeHistory() }) })
  trial.give({ candidates: many(25) })
  await trial.pass(600)
  t.regex(reason(trial, cand(13)) ?? '', /^gave up: with 6 silent, the peer is online with a probability of 0\.\d %$/)
  await trial.rest()
  // the sixth attempt starts at 250 ms, and 49 of 50 answers arrive within 324 ms
  t.is(dialled(trial).at(-1), '12 @550')
  t.is(trial.clock.pending, 0)
})

test('giveUp() does not count an attempt that answered as silent, and resumes after a late answer', async t => {
  const trial = tryOut(t, pipeline(giveUp(), stagger(50), race()), { components: () => ({ history: new FakeHistory() }) })
  const all = many(14)
  trial.script(all.slice(0, 12), { connects: Infinity, firstResponse: 300 })
  trial.give({ candidates: all })
  await trial.pass(1_000)
  t.is(dialled(trial).length, 14)
  const late = tryOut(t, pipeline(giveUp(), stagger(50), race()), { components: () => ({ history: new FakeHistory() }) })
  late.script(all.slice(0, 12), { refuses: 1_000 })
  late.give({ candidates: all })
  await late.pass(900)
  t.is(dialled(late).length, 12)
  await late.pass(1_000)
  t.is(dialled(late).length, 14)
})

test('giveUp() counts an attempt that gave way as silent, and lets it be retried', async t => {
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), giveUp(), stagger(10), race()), {}, {
    history: new FakeHistory(), slots: { peer: 3 }, stored: Array.from({ length: 9 }, (_, i) => ({ multiaddr: address(i + 1), isCertified: false }))
  })
  await t.throwsAsync(clock.until(engine.dial(await newPeer(), { signal: new AbortController().signal })))
  t.true(new Set(network.dialled).size < 9)
  t.is(network.dialled.filter(one => one === network.dialled[0]).length, 2)
})

test('giveUp() weighs addresses from an exhausted source again', async t => {
  for (const when of ['last call', 'silence']) {
    const script: Script = when === 'silence' ? 'silent' : { refuses: 300, error: new TimeoutError() }
    const further = source('further', async () => cands(31, 32), { when: 'exhausted' })
    const trial = tryOut(t, pipeline(further, giveUp(), stagger(50), race()), { components: () => ({ history: new FakeHistory() }) })
    trial.script(many(12), script)
    trial.script([cand(32)], { connects: 10 })
    trial.give({ candidates: many(25) })
    await trial.rest()
    t.is(winners(trial), '32', when)
    t.is(reason(trial, cand(25))?.slice(0, 7), 'gave up')
    t.true(dialled(trial).length < 25)
  }
})

test('giveUp() keeps user-given addresses', async t => {
  const trial = trialOf(t, { attempts: 1 })
  const all = [cand(1), cand(2), cand(3, { provenance: [{ source: 'user' }] }), cand(4)]
  trial.script(all, refuses)
  trial.give({ candidates: all })
  await trial.rest()
  t.deepEqual(dialled(trial).map(one => one.split(' ')[0]), ['1', '3'])
})

test('giveUp() keeps all addresses without a peer id', async t => {
  const all = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(n => address(n))
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), giveUp({ attempts: 3 }), race({ attempt: [attemptTimeout(100)] })), {}, { history: new FakeHistory() })
  await t.throwsAsync(clock.until(engine.dial(all)))
  t.is(network.attempts.length, 9)
})

test('a dial that gave up fails with the errors of its attempts, and explains the rest', async t => {
  const peer = await newPeer()
  const stored = [1, 2, 3, 4].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), giveUp({ attempts: 2 }), race()), { 1: refuses, 2: refuses }, { history: new FakeHistory(), stored })
  const error: any = await t.throwsAsync(clock.until(engine.dial(peer)))
  t.regex(error.message, /^All multiaddr dials failed for .*; 2 dropped by give-up: gave up after 2 failed attempts/)
  t.is(error.errors.length, 2)
  t.is(network.attempts.length, 2)
  t.is(clock.pending, 0)
})

test('giveUp() throws for invalid options', t => {
  for (const nonsense of [{ attempts: 0 }, { attempts: Number.NaN }, { online: 1 }, { online: -0.1 }, { online: Number.NaN }] as any[]) {
    t.throws(() => giveUp(nonsense), { name: 'InvalidPipelineError' })
  }
})
