// a layer may wait before it calls next, for example for a slot of its own. Other addresses of the dial then go on
import test from 'ava'
import { tracesOf } from '../../src/dialer/dials/explain-dial.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { renderTrace } from '../../src/trace/index.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { cand, dialled, tryOut } from '../testing/try-out.ts'
import type { AttemptLayer, Candidate } from '../../src/pipeline/types.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]

/** A layer whose attempts wait. `before` is called at the beginning of each wait */
const waiting = (msFor: (candidate: Candidate) => number, before?: 'onHeld'): AttemptLayer => next => async (candidate, options) => {
  if (before != null) {
    options[before]?.()
  }

  await sleep(msFor(candidate), options.clock, options.signal)

  return next(candidate, options)
}

for (const [name, pace] of [['stagger(100)', stagger(100)], ['sequential()', sequential()]] as const) {
  test(`with ${name} the next candidate starts 250 ms after a layer began to wait`, async t => {
    const trial = tryOut(t, pipeline(pace, race({ attempt: [waiting(one => one === a ? 2_000 : 0)] })))
    trial.script([a, b], { connects: 5_000 })
    trial.give({ candidates: [a, b] })
    await trial.pass(2_000)

    t.deepEqual(dialled(trial), ['2 @250', '1 @2000'])
  })
}

test('the next candidate starts at once when the layer calls onHeld before it waits', async t => {
  const trial = tryOut(t, race({ attempt: [waiting(one => one === a ? 2_000 : 0, 'onHeld')] }))
  trial.script([a, b], { connects: 5_000 })
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)

  t.deepEqual(dialled(trial), ['2 @0', '1 @2000'])
})

test('a layer that waits for less than 250 ms leaves the times of the pace as they are', async t => {
  const trial = tryOut(t, pipeline(stagger(300), race({ attempt: [waiting(() => 200)] })))
  trial.script([a, b, c], { connects: 5_000 })
  trial.give({ candidates: [a, b, c] })
  await trial.pass(2_000)

  t.deepEqual(dialled(trial), ['1 @200', '2 @700', '3 @1200'])
})

test('a silent attempt does not give way to a candidate that a layer makes wait', async t => {
  const trial = tryOut(t, pipeline(stagger(300), race({ attempt: [waiting(one => one === b ? 200 : 0)] })))
  trial.script([a, b], { connects: 5_000 })
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)

  t.deepEqual(dialled(trial), ['1 @0', '2 @500'])
})

test('a silent attempt gives its slot to an attempt that has waited in a layer', async t => {
  const peer = await newPeer()
  const first = address(1, peer)
  const layer = waiting(({ multiaddr }) => multiaddr.equals(first) ? 300 : 0)
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race({ attempt: [layer] })), { 1: { connects: 100 } }, { slots: { peer: 1 } })
  await clock.until(engine.dial([first, address(2, peer)]))

  t.deepEqual(network.attempts.map(({ at, multiaddr }) => [Math.floor(at), multiaddr]), [[250, String(address(2, peer))], [574, String(first)]])
})

test('the timeout of a dial and its story name the addresses that wait in a layer', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race({ attempt: [waiting(() => 60_000)] })))
  const dial = engine.dial(address(1, peer))
  dial.catch(() => {})
  await clock.advance(100)
  const explain = (): string => tracesOf(engine.dials).map(trace => renderTrace(trace)).join()
  t.regex(explain(), /\/ip4\/192\.0\.2\.1\/tcp\/4001 .* waiting in an attempt layer/)

  const error = await t.throwsAsync(clock.until(dial))
  t.regex(error.message, /timeout: 1 waiting in an attempt layer \(\/ip4\/192\.0\.2\.1\/tcp\/4001\)$/)
  t.regex(explain(), /\/ip4\/192\.0\.2\.1\/tcp\/4001 .* cancelled in an attempt layer/)
})

test('an attempt that ends while its layer waits leaves no timer', async t => {
  const trial = tryOut(t, race({ attempt: [() => async (_, { clock, signal }) => sleep(50, clock, signal).then(() => { throw new Error('refused by the layer') })] }))
  trial.give({ candidates: [a] })
  await trial.pass(50)

  t.true(trial.ended)
  t.is(trial.clock.pending, 0)
})

test('a layer that waits is not called again when a caller joins the dial with the address', async t => {
  const peer = await newPeer()
  const begins: number[] = []
  const layer: AttemptLayer = next => async (candidate, options) => {
    begins.push(options.clock.now())
    await sleep(2_000, options.clock, options.signal)

    return next(candidate, options)
  }
  const stored = source('stored', () => [address(1, peer)])
  const { engine, clock } = engineWorld(pipeline(fromCaller(), stored, race({ attempt: [layer] })), { 1: { connects: 100 } })
  const first = engine.dial(peer)
  await clock.advance(1_000)
  await clock.until(Promise.all([first, engine.dial(address(1, peer))]))

  t.deepEqual(begins, [0])
})
