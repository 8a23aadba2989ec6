import test from 'ava'
import { backoff } from '../../src/stages/backoff.ts'
import { cand, reason, said, tryOut } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import { FakeHistory } from './fake-history.ts'
import { a, b, c, backoffRun } from './backoff-runs.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

test('backoff() drops recently failed addresses, and says for how long', async t => {
  const { trial, fail } = backoffRun(t)
  fail(a, 1_000)
  fail(b, 1_000, 3)
  fail(c, 400_000, 100)
  trial.give({ candidates: [a, b, c] })
  await trial.settle()

  t.deepEqual(said(trial), ['3'])
  t.regex(reason(trial, a) ?? '', /^failed once, next try in [3-5] s$/)
  t.regex(reason(trial, b) ?? '', /^failed 3 times, next try in ([7-9]|10) s$/)
})

test('backoff() returns each address when its time is over, in a complete list', async t => {
  const { trial, fail } = backoffRun(t)
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
  const { trial, fail } = backoffRun(t)
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
  const { trial, fail, history } = backoffRun(t)
  fail(a)
  trial.give({ candidates: [a] })
  await trial.settle()
  history.failed.clear()
  trial.target.invalidate()
  await trial.settle()
  t.deepEqual(said(trial), ['', '1'])
})

for (const source of ['user', 'certified', 'identify', 'mdns', 'dht', 'peer-store']) {
  const isOwnWord = !['dht', 'peer-store'].includes(source)

  test(`a report of ${source} after another peer answered ${isOwnWord ? 'ends' : 'does not end'} the backoff of an address`, async t => {
    const { trial, history } = backoffRun(t)
    const at = trial.clock.now()
    await trial.pass(10_000)
    const [before, after] = [cand(1, { provenance: [{ source: 'dht' }, { source: source === 'user' ? 'pubsub' : source, lastSeen: at }] }), cand(2, { provenance: [{ source, lastSeen: at + 9_000 }] })]
    ;[before, after].forEach(one => { history.failed.set(one.id, { count: 9, at: at + 8_000, isWrongPeer: true }) })
    trial.give({ candidates: [before, after, c] })
    await trial.settle()
    t.deepEqual(said(trial), [isOwnWord ? '2 3' : '3'])
  })
}

test('the trust that the address book gives a source decides whether its report after another peer answered ends the backoff', async t => {
  const history = new FakeHistory()
  const trust = new Map([['tracker', 'identify'], ['mdns', 'hearsay']] as const)
  const trial = tryOut(t, backoff(), { components: () => ({ history, addressBook: { trust, query: () => [] } }) })
  const at = trial.clock.now()
  const candidates = ['tracker', 'mdns'].map((source, n) => cand(n + 1, { provenance: [{ source, lastSeen: at + 2_000 }] }))
  candidates.forEach(({ id }) => { history.failed.set(id, { count: 9, at: at + 1_000, isWrongPeer: true }) })
  trial.give({ candidates })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
})

test('backoff() keeps user-given addresses', async t => {
  const { trial, fail, history } = backoffRun(t)
  const [named, wrong] = [1, 2].map(n => cand(n, { provenance: [{ source: 'peer-store' }, { source: 'user' }] })) as [Candidate, Candidate]
  fail(named)
  history.failed.set(wrong.id, { count: 1, at: 0, isWrongPeer: true })
  trial.give({ candidates: [named, wrong] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
})

test('backoff() keeps all addresses with force', async t => {
  const { trial, fail } = backoffRun(t, {}, { options: { force: true } })
  fail(a)
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
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
