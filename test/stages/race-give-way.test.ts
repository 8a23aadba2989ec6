import test from 'ava'
import { filter, pace, pipeline, stage } from '../../src/pipeline/index.ts'
import { attemptRetry } from '../../src/stages/attempt-retry.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { FakeHistory, estimate } from './fake-history.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import { cand, cands, dialled, isOver, short, preferring, tryOut, winners } from '../testing/try-out.ts'
import type { AttemptLayer, Outcome } from '../../src/pipeline/index.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'

const plain = pipeline(fromCaller(), stagger(), race())
const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** Returns the failed candidates with their times */
const failures = (trial: StageRun): string[] => trial.dial.outcomes.map(({ candidate, endedAt }) => `${short([candidate])} @${trial.since(endedAt)}`)

/** Returns the addresses of started attempts that ended without an outcome */
const gaveWay = ({ host }: StageRun): string[] => [...host.story.addresses.values()].flatMap(({ candidate, attempts }) => attempts.some(({ startedAt, result }) => startedAt != null && result === 'cancelled') ? short([candidate]) : [])

/** A history in which 49 of 50 first responses arrive within `ms` */
function answering (ms: number): FakeHistory {
  const history = new FakeHistory()
  history.estimate = () => ({ ...estimate, firstResponse: { mu: Math.log(ms) - 1, sigma: 0.5 } })

  return history
}

/** Runs a race with an attempt every 100 ms, of which `silent` are in flight. The next candidate waits for a slot from `from` on */
async function waiting (trial: StageRun, silent: number, from = 500): Promise<void> {
  trial.give({ candidates: cands(...Array.from({ length: silent }, (_, i) => i + 1)), complete: false })
  await trial.pass(from)
  trial.host.hasSlots = false
  trial.give({ candidates: cands(...Array.from({ length: silent + 1 }, (_, i) => i + 1)) })
}

test('a dial connects to a live address behind 24 silent ones', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, { 25: { connects: 100 } })
  const addresses = Array.from({ length: 25 }, (_, i) => address(i + 1, peer))
  const made = await clock.until(engine.dial(addresses))

  t.is(made.remoteAddr.toString(), address(25, peer).toString())
  // eight attempts, 250 ms apart, fill the slots until the first is two seconds old
  t.deepEqual(network.attempts.map(({ at }) => at), addresses.map((_, i) => i * 250 + Math.max(0, i - 7) * 10))
  await clock.advance(0)
  t.true(network.attempts.slice(0, 24).every(({ signal }) => signal.aborted))
  t.is(clock.pending, 0)
})

for (const [answer, gives] of [[100, 250], [300, 300], [1_500, 1_500]] as const) {
  test(`with first responses up to ${answer} ms, an attempt silent for ${gives} ms gives way to a waiting one`, async t => {
    const trial = tryOut(t, pipeline(stagger(100), race()), { components: () => ({ history: answering(answer) }) })
    await waiting(trial, 1, 200)
    await trial.pass(gives - 202)
    t.false(isOver(trial, cand(1)))
    await trial.pass(2)
    t.deepEqual(gaveWay(trial), ['1'])
    t.deepEqual(trial.dial.outcomes, [])
  })
}

test('the attempt that was silent longest gives way first, and is retried last', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  trial.script([cand(1)], { connects: 400 })
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.pass(350)
  trial.host.hasSlots = false
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.pass(10)
  t.deepEqual(gaveWay(trial), ['1'])
  trial.host.hasSlots = true
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @360', '4 @460', '1 @560'])
  t.is(winners(trial), '1')
  t.deepEqual(trial.host.story.addresses.get(cand(1).id)?.attempts.map(({ result }) => result), ['cancelled', 'connected'])
})

test('an attempt silent for two seconds fails when it gives way', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  await waiting(trial, 3, 2_000)
  await trial.pass(10)
  t.deepEqual(failures(trial), ['1 @2010'])
  t.true(isOver(trial, cand(1)))
  const { error } = trial.dial.outcomes[0] as Outcome & { error: Error }
  t.is(error.name, 'TimeoutError')
  t.regex(error.message, /^No response from \/ip4\/203\.0\.113\.1\/.* after 2010 ms, and another address waits for its slot$/)
  t.is(trial.host.story.addresses.get(cand(1).id)?.attempts[0]?.result, 'failed')
  trial.host.hasSlots = true
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200', '4 @2010'])
})

test('each address is attempted twice at most, and a retried one gives way after two seconds', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, {}, { slots: { peer: 1 } })
  await t.throwsAsync(clock.until(engine.dial([1, 2].map(n => address(n, peer)), patient())))

  t.deepEqual(network.attempts.map(({ at, multiaddr }) => `${multiaddr.split('/')[2]?.slice(-1)} @${Math.round(at)}`), ['1 @0', '2 @324', '1 @2324'])
  t.is(clock.pending, 0)
})

test('one attempt gives way for each that waits', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  await waiting(trial, 3)
  await trial.pass(3_000)
  t.deepEqual(gaveWay(trial), ['1'])
  trial.host.hasSlots = true
  await trial.pass(200)
  trial.host.hasSlots = false
  trial.give({ candidates: cands(1, 2, 3, 4, 5) })
  await trial.pass(110)
  t.deepEqual(failures(trial), ['2 @3710'])
})

test('no attempt gives way while none waits for a slot', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  trial.give({ candidates: cands(1, 2) })
  await trial.rest()
  t.deepEqual(failures(trial), ['1 @6000', '2 @6100'])
})

test('an attempt that answered does not give way', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  trial.script([cand(1)], { connects: 3_000, firstResponse: 499 })
  await waiting(trial, 2)
  await trial.pass(100)
  t.deepEqual(gaveWay(trial), ['2'])
  await trial.pass(2_400)
  t.is(winners(trial), '1')
})

test('no attempt gives way when the waiting address is withdrawn', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()))
  await waiting(trial, 2, 200)
  await trial.pass(100)
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  await trial.pass(1_000)
  t.deepEqual([...gaveWay(trial), ...failures(trial)], [])
})

test('no attempt gives way when the waiting address is withdrawn at that moment', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()), { components: () => ({ history: answering(400) }) })
  // fires before timers that are set later
  trial.clock.setTimeout(() => { trial.give({ candidates: cands(1, 2) }) }, 400)
  await waiting(trial, 2, 300)
  await trial.pass(500)
  t.true(isOver(trial, cand(3)))
  t.deepEqual([...gaveWay(trial), ...failures(trial)], [])
})

test('no attempt gives way for one that gets its slot at once', async t => {
  const trial = tryOut(t, race())
  trial.give({ candidates: cands(1), complete: false })
  await trial.pass(3_000)
  trial.host.hasSlots = false
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(9)
  trial.host.hasSlots = true
  await trial.pass(100)
  t.deepEqual([...gaveWay(trial), ...failures(trial)], [])
  t.deepEqual(dialled(trial), ['1 @0', '2 @3009'])
})

test('an address that needs more round trips has more time before it gives way', async t => {
  const relayed = cand('/ip4/198.51.100.1/tcp/4001/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit')
  const trial = tryOut(t, pipeline(stagger(100), race()))
  trial.give({ candidates: [relayed, cand(2)], complete: false })
  await trial.pass(500)
  trial.host.hasSlots = false
  trial.give({ candidates: [relayed, cand(2), cand(3)] })
  await trial.pass(100)
  t.deepEqual(gaveWay(trial), ['2'])
  const other = tryOut(t, pipeline(stagger(100), race()))
  other.give({ candidates: [relayed], complete: false })
  await other.pass(500)
  other.host.hasSlots = false
  other.give({ candidates: [relayed, cand(3)] })
  await other.pass(1_000)
  t.deepEqual(gaveWay(other), [])
  await other.pass(1_500)
  t.is(other.dial.outcomes.length, 1)
})

test('a shared attempt that gives way in one dial continues in the other', async t => {
  const peer = await newPeer()
  const strict = pipeline(fromCaller(), filter('strict', () => true), race())
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 3_000 }, 2: { connects: 200 } }, { slots: { peer: 1 } })
  const first = engine.dial([address(1, peer), address(2, peer)], patient())
  const second = engine.dial(address(1, peer), { ...patient(), pipeline: strict })
  const made = await clock.until(second)

  t.is(made.remoteAddr.toString(), address(1, peer).toString())
  t.false(network.attempts[0]?.signal.aborted)
  t.is((await clock.until(first)).remoteAddr.toString(), address(2, peer).toString())
  // the slot frees only then
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 3_000])
})

test('a node slot that an attempt gives up goes to the first dial that waits', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(plain, { 2: { connects: 10 }, 3: { connects: 10 } }, { slots: { node: 1 } })
  const first = engine.dial([address(1, a), address(2, a)], patient())
  await clock.advance(10)
  const second = engine.dial(address(3, b), patient())
  await clock.until(Promise.all([first, second]))

  t.deepEqual(network.attempts.map(({ at, multiaddr }) => [Math.floor(at), multiaddr]), [
    [0, String(address(1, a))], [324, String(address(3, b))], [334, String(address(2, a))]
  ])
})

test('a transport that ignores its signal keeps its slot, and the dial continues', async t => {
  const peer = await newPeer()
  const { engine, clock, network, components } = engineWorld(plain, { 1: { connects: 20_000 }, 3: { connects: 10 } }, { slots: { peer: 2 } })
  const { dial } = components.transportManager
  components.transportManager.dial = async (multiaddr, options) => dial(multiaddr, String(multiaddr) === String(address(1, peer)) ? { ...options, signal: undefined } : options)
  const made = await clock.until(engine.dial([1, 2, 3].map(n => address(n, peer)), patient()))

  t.is(made.remoteAddr.toString(), address(3, peer).toString())
  // at the timeout of the second attempt
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 250, 6_250])
  await clock.advance(30_000)
  t.is(clock.pending, 0)
  t.deepEqual(network.open, [made])
})

test('no attempt gives way to one that waits for a turn of the event loop', async t => {
  const peers = await Promise.all(Array.from({ length: 17 }, newPeer))
  const whole = pipeline(fromCaller(), pace('slow', ({ lastStart }) => lastStart + 1_000), race())
  const { engine, clock, network } = engineWorld(whole)
  // passes time in each turn
  clock.setTimeout = (fn, ms) => VirtualClock.prototype.setTimeout.call(clock, fn, ms === 0 ? 50 : ms)
  clock.setTimeout(() => { peers.slice(1).forEach(peer => { engine.dial(address(3, peer), patient()).catch(() => {}) }) }, 1_000)
  engine.dial([1, 2].map(n => address(n, peers[0])), patient()).catch(() => {})
  await clock.advance(3_000)

  t.deepEqual(network.attempts.filter(({ multiaddr }) => multiaddr.endsWith(String(peers[0]))).map(({ at, signal }) => [at, signal.aborted]), [[0, false], [1_050, false]])
  engine.stop()
})

test('an attempt in attemptRetry() gives way without a retry', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race({ attempt: [attemptRetry(3)] })))
  await waiting(trial, 2)
  await trial.pass(100)
  t.deepEqual(gaveWay(trial), ['1'])
})

test('an attempt whose layer never settles gives way once', async t => {
  const holdsOn: AttemptLayer = next => async (candidate, options) => next(candidate, candidate.id === cand(1).id ? { ...options, signal: new AbortController().signal } : options)
  const trial = tryOut(t, pipeline(stagger(100), race({ attempt: [holdsOn] })))
  await waiting(trial, 3)
  await trial.pass(100)
  trial.host.hasSlots = true
  await trial.settle()
  trial.host.hasSlots = false
  trial.give({ candidates: cands(1, 2, 3, 4, 5) })
  await trial.pass(110)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200', '4 @600'])
  t.deepEqual(gaveWay(trial), ['1', '2'])
})

test('after a connection, an attempt gives way only to a better address', async t => {
  const trial = tryOut(t, pipeline(stagger(100), race()), preferring(cand(1), cand(2), cand(3)))
  trial.script([cand(2)], { connects: 600 })
  await waiting(trial, 2)
  await trial.pass(3_000)
  // address 3 is no better than 2, and no attempt waits any more
  t.is(winners(trial), '2')
  t.deepEqual(failures(trial).slice(1), [])
  t.false(isOver(trial, cand(1)))
})

test('an attempt that gives way does not end the connection that wins', async t => {
  const peer = await newPeer()
  const keep = stage({
    name: 'keep',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, dial) {
      dial.linger()
      yield * connections
    }
  })
  const whole = pipeline(fromCaller(), stagger(10), race(), keep)
  const { engine, clock, network } = engineWorld(whole, { 2: { connects: 1_000 } }, { slots: { peer: 2 } })
  const made = await clock.until(engine.dial([1, 2, 3].map(n => address(n, peer)), patient()))
  await clock.advance(20_000)

  t.false(network.attempts[1]?.signal.aborted)
  t.is(made.status, 'open')
  t.is(clock.pending, 0)
})
