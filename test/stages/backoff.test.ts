import { UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { History } from '../../src/history/history.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { cand, reason, said, tryOut } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import { FakeHistory } from './fake-history.ts'
import { a, b, c, backoffRun } from './backoff-runs.ts'
import type { PlacedLevel } from '../../src/pipeline/trust.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { ExecutionContext } from 'ava'

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

/** Returns what `backoff()` answers for addresses where another peer has answered 8 s after the begin. Source `n` has reported the nth one 1 s later */
async function afterWrongPeer (t: ExecutionContext, sources: readonly string[], trust?: ReadonlyMap<string, PlacedLevel>): Promise<string[]> {
  const trial = tryOut(t, backoff(), { components: ({ clock }) => ({ history: Object.assign(new History(clock), { trust: () => trust }) }) })
  const failedAt = trial.clock.now() + 8_000
  await trial.pass(9_000)
  const candidates = sources.map((source, n) => cand(n + 1, { provenance: [{ source: 'dht', lastSeen: failedAt - 8_000 }, { source, lastSeen: failedAt + 1_000 }] }))
  candidates.forEach(candidate => { (trial.dial.node.history as History).attempted({ candidate, startedAt: failedAt, endedAt: failedAt, isCancelled: false, error: new UnexpectedPeerError('x') }) })
  trial.give({ candidates: [...candidates, cand(9)] })
  await trial.settle()

  return said(trial)
}

for (const source of ['user', 'certified', 'identify', 'mdns', 'dht', 'peer-store']) {
  const isOwnWord = !['dht', 'peer-store'].includes(source)

  test(`a report of ${source} after another peer answered ${isOwnWord ? 'ends' : 'does not end'} the backoff of an address`, async t => {
    t.deepEqual(await afterWrongPeer(t, [source]), [isOwnWord ? '1 9' : '9'])
  })
}

test('the trust that the address book gives a source decides whether its report after another peer answered ends the backoff', async t => {
  t.deepEqual(await afterWrongPeer(t, ['tracker', 'mdns'], new Map([['tracker', 'identify'], ['mdns', 'hearsay']])), ['1 9'])
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
