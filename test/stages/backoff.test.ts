import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { retry } from '../../src/pipeline/combinators/retry.ts'
import { timeout } from '../../src/pipeline/combinators/timeout.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { gater } from '../../src/stages/gater.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import { dose } from '../support/dose.ts'
import { cand, dialled, reason, said, tryOut } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import { FakeHistory } from './fake-history.ts'
import type { BackoffInit } from '../../src/stages/backoff.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { ExecutionContext } from 'ava'

const [a, b, c] = [cand(1), cand(2), cand(3)]

/** Runs the stage with a history whose failures are some milliseconds old */
function trialOf (t: ExecutionContext, init?: BackoffInit, fixture: Partial<ComplianceFixture> = {}): { trial: StageRun, fail (one: Candidate, ago?: number, count?: number): void, history: FakeHistory } {
  const history = new FakeHistory()
  const trial = tryOut(t, backoff(init), { components: () => ({ history }), ...fixture, from: 'candidates' })
  const begin = trial.clock.now()

  return { trial, history, fail: (one, ago = 0, count = 1) => { history.fail(one, begin - ago, count) } }
}

/** Returns the milliseconds after its failure at which the only address returns */
async function comesBack (t: ExecutionContext, count: number, init?: BackoffInit, one = a, begin = 0): Promise<number> {
  const { trial, history } = trialOf(t, init)
  await trial.pass(begin)
  const at = trial.clock.now()
  history.fail(one, at, count)
  trial.give({ candidates: [one] })
  await trial.pass(600_000)

  return (trial.outputs.find(({ candidates }) => candidates.length === 1)?.at ?? NaN) - trial.since(at)
}

test('backoff() drops recently failed addresses, and says for how long', async t => {
  const { trial, fail } = trialOf(t)
  fail(a, 1_000)
  fail(b, 1_000, 3)
  fail(c, 400_000, 100)
  trial.give({ candidates: [a, b, c] })
  await trial.settle()

  t.deepEqual(said(trial), ['3'])
  t.regex(reason(trial, a) ?? '', /^failed once, next try in [3-5] s$/)
  t.regex(reason(trial, b) ?? '', /^failed 3 times, next try in ([7-9]|10) s$/)
})

for (const [count, ms] of [[1, 5_000], [2, 6_000], [3, 9_000], [10, 86_000], [18, 294_000], [19, 300_000], [1_000, 300_000]] as const) {
  test(`backoff() after failure ${count} in a row is ${ms} ms within 20 %`, async t => {
    const after = await comesBack(t, count)
    t.true(after >= ms * 0.8 && after <= ms * 1.2, `${after}`)
  })
}

test('backoff() has base, factor and max options', async t => {
  const init = { base: 100, factor: 10, max: 150 }
  const times = [await comesBack(t, 1, init), await comesBack(t, 3, init), await comesBack(t, 9, init)]
  ;[100, 140, 150].forEach((ms, i) => { t.true(Math.abs((times[i] as number) - ms) <= ms * 0.2, `${times}`) })
})

test('backoff() varies by address and failure, within 20 %', async t => {
  const times = await Promise.all(Array.from({ length: 40 }, async (_, i) => comesBack(t, 1, {}, cand(i + 1))))
  const later = await Promise.all(Array.from({ length: 40 }, async (_, i) => comesBack(t, 1, {}, a, i)))

  for (const all of [times, later]) {
    t.true(new Set(all).size > 35, `${all}`)
    // the random part covers 20 % on both sides
    t.true(Math.min(...all) < 4_300 && Math.max(...all) > 5_700, `${all}`)
  }
})

testProp('backoff() gives the same time each time it is asked', [fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 400_000 }), fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 8 })], async (t, count, ago, pauses) => {
  const { trial, fail } = trialOf(t)
  fail(a, ago, count)
  trial.give({ candidates: [a, b] })
  await trial.settle()

  for (const ms of pauses) {
    await trial.pass(ms)
    trial.target.invalidate()
    await trial.settle()
  }

  // the address leaves once, returns once, and stays
  const present = trial.outputs.map(({ candidates }) => candidates.length)
  t.deepEqual(present, present.toSorted((one, other) => one - other))
  const other = trialOf(t)
  other.fail(a, ago, count)
  other.trial.give({ candidates: [a, b] })
  await other.trial.pass(400_000)
  await trial.pass(400_000)
  const back = ({ outputs }: StageRun): number | undefined => outputs.find(({ candidates }) => candidates.length === 2)?.at
  t.is(back(trial), back(other.trial))
}, { numRuns: dose(50) })

test('backoff() returns each address when its time is over, in a complete list', async t => {
  const { trial, fail } = trialOf(t)
  fail(a)
  fail(b, 0, 5)
  trial.give({ candidates: [a, b, c] })
  await trial.pass(3_900)
  t.deepEqual(said(trial), ['3'])
  await trial.pass(3_000)
  t.deepEqual(said(trial), ['3', '1 3'])
  t.is(reason(trial, a), undefined)
  await trial.pass(30_000)
  t.deepEqual(said(trial), ['3', '1 3', '1 2 3'])
  t.is(trial.clock.pending, 0)
})

test('backoff() has one timer while it holds an address, and none after the dial', async t => {
  const { trial, fail } = trialOf(t)
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(trial.clock.pending, 0)
  fail(b)
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(trial.clock.pending, 1)
  trial.target.invalidate()
  await trial.settle()
  t.is(trial.clock.pending, 1)
  trial.leave()
  await trial.settle()
  t.is(trial.clock.pending, 0)
  t.is(listeners(trial), 0)
})

test('a connection to the peer ends backoff()', async t => {
  const { trial, fail, history } = trialOf(t)
  fail(a)
  trial.give({ candidates: [a] })
  await trial.settle()
  history.failed.clear()
  trial.target.invalidate()
  await trial.settle()
  t.deepEqual(said(trial), ['', '1'])
})

test('backoff() for an address where another peer answered grows to an hour', async t => {
  for (const [count, ms] of [[1, 5_000], [19, 329_000], [1_000, 3_600_000]] as const) {
    const { trial, history } = trialOf(t)
    history.failed.set(a.id, { count, at: trial.clock.now(), isWrongPeer: true })
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.deepEqual(said(trial), ['2'])
    t.regex(reason(trial, a) ?? '', count === 1 ? /^another peer answered there once, next try in [456] s$/ : /^another peer answered there \d+ times, next try in \d+ s$/)
    await trial.pass(ms * 1.2)
    t.deepEqual(said(trial), ['2', '1 2'])
    const after = trial.outputs[1]?.at ?? NaN
    t.true(after >= ms * 0.8, `${after}`)
  }
})

for (const source of ['user', 'certified', 'identify', 'mdns', 'dht', 'peer-store']) {
  const isOwnWord = !['dht', 'peer-store'].includes(source)

  test(`a report of ${source} after another peer answered ${isOwnWord ? 'ends' : 'does not end'} the backoff of an address`, async t => {
    const { trial, history } = trialOf(t)
    const at = trial.clock.now()
    await trial.pass(10_000)
    const [before, after] = [cand(1, { provenance: [{ source: 'dht' }, { source: source === 'user' ? 'pubsub' : source, lastSeen: at }] }), cand(2, { provenance: [{ source, lastSeen: at + 9_000 }] })]
    ;[before, after].forEach(one => { history.failed.set(one.id, { count: 9, at: at + 8_000, isWrongPeer: true }) })
    trial.give({ candidates: [before, after, c] })
    await trial.settle()
    t.deepEqual(said(trial), [isOwnWord && source !== 'user' ? '2 3' : source === 'user' ? '2 3' : '3'])
  })
}

test('backoff() keeps user-given addresses', async t => {
  const { trial, fail, history } = trialOf(t)
  const [named, wrong] = [1, 2].map(n => cand(n, { provenance: [{ source: 'peer-store' }, { source: 'user' }] })) as [Candidate, Candidate]
  fail(named)
  history.failed.set(wrong.id, { count: 1, at: 0, isWrongPeer: true })
  trial.give({ candidates: [named, wrong] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
})

test('backoff() keeps all addresses with force', async t => {
  const { trial, fail } = trialOf(t, {}, { options: { force: true } })
  fail(a)
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
})

test('backoff() does not record a drop for an address that fails in the same dial', async t => {
  const history = new FakeHistory()
  const trial = tryOut(t, pipeline(backoff(), race()), { components: () => ({ history }) })
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

test('an attempted address that a filter drops afterwards does not count as dropped', async t => {
  const trial = tryOut(t, pipeline(filter('later', (one, dial) => !dial.tried(one) || 'tried'), race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(100)
  trial.give({ candidates: [cand(1, { isCertified: true })] })
  await trial.rest()
  t.like(trial.host.story.addresses.get(a.id), { dropped: undefined, attempts: { length: 1 } })
})

test('retry() inside or around backoff() repeats failed addresses', async t => {
  for (const stage of [pipeline(backoff(), retry(race(), { delay: 100 })), retry(pipeline(backoff(), race()), { delay: 100 })]) {
    const history = new FakeHistory()
    const trial = tryOut(t, stage, { components: () => ({ history }) })
    trial.script([a], { refuses: 10 })
    trial.give({ candidates: [a] })
    await trial.pass(50)
    history.fail(a, trial.clock.now() - 40)
    await trial.rest()
    t.deepEqual(dialled(trial), ['1 @0', '1 @110'])
  }
})

test('backoff() in an alternative drops addresses that failed before the dial', async t => {
  const history = new FakeHistory()
  const trial = tryOut(t, fallback(pipeline(filter('none', () => false), race()), pipeline(backoff(), race())), { components: () => ({ history }) })
  history.fail(a, trial.clock.now())
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.pass(900)
  t.deepEqual(dialled(trial), ['2 @0'])
})

test('exhausted routing is asked when backoff() holds all addresses', async t => {
  const history = new FakeHistory()
  const trial = tryOut(t, pipeline(fromPeerStore(), fromRouting({ when: 'exhausted' }), backoff(), race()), {
    from: 'target',
    components: () => ({ history, stored: [{ multiaddr: a.multiaddr, isCertified: false }], routed: async () => [b.multiaddr] })
  })
  history.fail(a, trial.clock.now())
  trial.script([b], { connects: 10 })
  trial.give()
  await trial.pass(100)
  t.deepEqual(dialled(trial).map(one => one.split(' ')[0]), ['2'])
  t.is(trial.outputs.length, 1)
})

test('a dial with all addresses in backoff tries them in the order from above', async t => {
  const peer = await newPeer()
  const history = new FakeHistory()
  const stored = [1, 2, 3].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), backoff(), sequential(), race()), { 1: { refuses: 10 }, 2: { refuses: 10 }, 3: { connects: 10 } }, { history, stored })
  await clock.advance(10_000)
  ;[[1, 9, true], [2, 1, false], [3, 9, false]].forEach(([n, count, isWrongPeer]) => {
    history.failed.set(address(n as number, peer).toString(), { count: count as number, at: 9_000, isWrongPeer: isWrongPeer as boolean })
  })
  const connection = await clock.until(engine.dial(peer))

  t.is(connection.remoteAddr.toString(), address(3, peer).toString())
  t.deepEqual(network.attempts.map(({ at, multiaddr }) => `${multiaddr} ${at}`), [1, 2, 3].map(n => `${address(n, peer)} ${9_990 + 10 * n}`))
  t.is(clock.pending, 0)
})

test('a dial with all addresses in backoff tries each 1 s after its last failure, and then ends', async t => {
  const peer = await newPeer()
  const history = new FakeHistory()
  const stored = [1, 2, 3].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), backoff(), race()), { 1: { refuses: 10 }, 2: { refuses: 10 }, 3: { refuses: 10 } }, { history, stored })
  await clock.advance(10_000)
  ;[9_800, 8_000, 9_500].forEach((at, i) => { history.failed.set(address(i + 1, peer).toString(), { count: 8, at, isWrongPeer: false }) })
  await t.throwsAsync(clock.until(engine.dial(peer)), { name: 'AggregateError' })

  t.deepEqual(network.attempts.map(({ at, multiaddr }) => `${multiaddr} ${at}`), [[2, 10_000], [3, 10_500], [1, 10_800]].map(([n, at]) => `${address(n as number, peer)} ${at}`))
  t.is(clock.now(), 10_810)
  t.is(clock.pending, 0)
})

test('dials of a peer within a second make one attempt at each address', async t => {
  const peer = await newPeer()
  const stored = [1, 2, 3].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), backoff(), race()), { 1: { refuses: 1 }, 2: { refuses: 1 }, 3: { refuses: 1 } }, { stored })
  await t.throwsAsync(clock.until(engine.dial(peer)))
  const dials = Array.from({ length: 9 }, async (_, i) => new Promise<void>(resolve => { clock.setTimeout(() => { engine.dial(peer).then(() => {}, () => { resolve() }) }, i * 100) }))
  await clock.until(Promise.all(dials))

  t.is(network.attempts.length, 6)
  t.true(network.attempts.slice(3).every(({ at }) => at >= 1_000), `${network.attempts.map(({ at }) => at)}`)
})

test('a dial with all addresses in backoff waits until 1 s after the last failure', async t => {
  const peer = await newPeer()
  const history = new FakeHistory()
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), backoff(), race()), { 1: { connects: 10 } }, { history, stored: [{ multiaddr: address(1, peer), isCertified: false }] })
  await clock.advance(10_000)
  history.failed.set(address(1, peer).toString(), { count: 8, at: 9_700, isWrongPeer: false })
  await clock.until(engine.dial(peer))

  t.deepEqual(network.attempts.map(({ at }) => at), [10_700])
  t.is(clock.pending, 0)
})

test('a dial whose other addresses failed tries the ones in backoff', async t => {
  const peer = await newPeer()
  const history = new FakeHistory()
  const stored = [1, 2, 3].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), backoff(), race()), { 1: { refuses: 10 }, 2: { refuses: 10 }, 3: { connects: 10 } }, { history, stored })
  await clock.advance(10_000)
  ;[2, 3].forEach(n => { history.failed.set(address(n, peer).toString(), { count: 8, at: 5_000, isWrongPeer: false }) })
  await clock.until(engine.dial(peer))

  t.deepEqual(network.attempts.map(({ at }) => at), [10_000, 10_010, 10_020])
})

test('an address whose backoff ends during the dial is dialled in it', async t => {
  const peer = await newPeer()
  const history = new FakeHistory()
  const stored = [1, 2].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), backoff({ base: 500 }), race()), { 1: { connects: 10 }, 2: { connects: 9_000, firstResponse: 10 } }, { history, stored })
  history.failed.set(address(1, peer).toString(), { count: 1, at: 0, isWrongPeer: false })
  const connection = await clock.until(engine.dial(peer))

  t.is(connection.remoteAddr.toString(), address(1, peer).toString())
  const at = network.attempts[1]?.at ?? NaN
  t.true(at >= 400 && at <= 600, `${at}`)
  t.is(clock.pending, 0)
})

test('backoff() follows the history of real dials: failed, held, user-given and all held', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), fromCaller(), backoff(), race()), { 1: { refuses: 10 } }, { stored: [{ multiaddr: address(1, peer), isCertified: false }] })
  const refused = { message: /ECONNREFUSED/ }

  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  await t.throwsAsync(clock.until(engine.dial(address(1, peer))), refused)
  await clock.advance(8_000)
  network.script(address(1).toString(), { connects: 10 })
  const connection = await clock.until(engine.dial(peer))
  await connection.close()
  network.script(address(1).toString(), { refuses: 10 })
  const now = clock.now()
  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  t.deepEqual(network.attempts.map(({ at }) => at).slice(-2), [now, now + 1_010])
  t.is(clock.pending, 0)
})

for (const held of [1, 3]) {
  test(`the error of a dial counts ${held} addresses in backoff beside the failed ones`, async t => {
    const peer = await newPeer()
    const history = new FakeHistory()
    const numbers = Array.from({ length: held }, (_, i) => i + 2)
    const stored = [1, ...numbers].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
    numbers.forEach(n => { history.failed.set(address(n, peer).toString(), { count: 1, at: 0, isWrongPeer: false }) })
    const { engine, clock } = engineWorld(pipeline(fromPeerStore(), timeout(500, pipeline(backoff(), race()))), { 1: { refuses: 10 } }, { history, stored })
    const error = await t.throwsAsync<AggregateError>(clock.until(engine.dial(peer)), { instanceOf: AggregateError, message: new RegExp(`^All multiaddr dials failed for \\w+: .* refused; ${held} dropped by backoff: failed once`) })

    t.is(error.errors.length, 1)
    t.regex(error.errors[0].message, /ECONNREFUSED/)
  })
}

test('the error of a dial cuts a long list of drop reasons', async t => {
  const peer = await newPeer()
  const reasons = filter('picky', ({ multiaddr }) => `because of ${multiaddr.getComponents()[0]?.value}`)
  const { engine, clock } = engineWorld(pipeline(fromCaller(), reasons, race()))
  const error = await t.throwsAsync(clock.until(engine.dial(Array.from({ length: 11 }, (_, i) => address(i + 1, peer)))))

  t.regex(error.message, /\(1 dropped by picky: because of 192\.0\.2\.1 \(.*192\.0\.2\.8 \(.*\); 3 more reasons\)$/)
})

test('a dial with one denied address and one in backoff tries the latter', async t => {
  const peer = await newPeer()
  const history = new FakeHistory()
  const stored = [1, 2].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  history.failed.set(address(1, peer).toString(), { count: 1, at: 0, isWrongPeer: true })
  const { engine, clock } = engineWorld(pipeline(fromPeerStore(), gater(), backoff(), race()), { 1: { refuses: 10 } }, { history, stored, connectionGater: { denyDialMultiaddr: one => one.toString().includes('192.0.2.2') } })

  await t.throwsAsync(clock.until(engine.dial(peer)), { message: /ECONNREFUSED/ })
})

test('backoff() throws for invalid times', t => {
  for (const nonsense of [{ base: -1 }, { factor: Number.NaN }, { max: Infinity }, { base: '5' }] as any[]) {
    t.throws(() => backoff(nonsense), { name: 'InvalidPipelineError' })
  }

  t.notThrows(() => backoff({ base: 0, factor: 0, max: 0 }))
})

test('backoff() keeps an address out for 1 s at most where others would take its place', async t => {
  for (const [most, expected] of [[2, ['1 2 3']], [3, ['2 3']]] as const) {
    const settings = { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: most }
    const history = new FakeHistory()
    const trial = tryOut(t, backoff(), { components: () => ({ history, settings }), from: 'candidates' })
    history.fail(a, trial.clock.now() - 1_000, 100)
    trial.give({ candidates: [a, b, c] })
    await trial.settle()

    t.deepEqual(said(trial), [...expected])
  }
})
