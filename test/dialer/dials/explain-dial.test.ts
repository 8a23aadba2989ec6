import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { explainDial, tracesOf } from '../../../src/dialer/dials/explain-dial.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'

for (const [what, subject] of [
  ['an error with a long message that a terminal would obey', new Error(`\u001B[2J\n${'long '.repeat(2_000)}`)],
  ['an error whose message cannot be read', Object.defineProperty(new Error(), 'message', { get: () => { throw new Error('no') } })],
  ['an error whose message is no text', Object.assign(new Error(), { message: Symbol('no') })],
  ['a long address', multiaddr(`/dns4/${'long-'.repeat(2_000)}/tcp/1`)]
] as const) {
  test(`explain() of ${what} says that no such dial is known`, t => {
    const { engine } = engineWorld(pipeline(fromCaller(), race()))
    const text = explainDial(engine.dials, subject)
    t.regex(text, /^no dial of [\u0020-\uFFFF]+ is known$/)
    t.true(text.length < 400)
  })
}

test('explain() checks its options, even when no dial is known', t => {
  const { engine } = engineWorld(pipeline(fromCaller(), race()))
  t.throws(() => explainDial(engine.dials, undefined, { width: 10 }), { name: 'InvalidParametersError', message: 'explain() needs a whole number of characters, 40 or more as width, not 10' })
})

test('explain() finds a dial by a caller\'s reason that is not an Error', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()))
  const controller = new AbortController()
  const dial = engine.dial(address(1, await newPeer()), { signal: controller.signal }).catch((err: unknown) => err)
  const reason = { code: 'user-left' }
  controller.abort(reason)
  t.is(await clock.until(dial), reason)
  t.regex(explainDial(engine.dials, reason as any), / aborted after 0 ms/)
})

for (const size of [0, 2]) {
  test(`a dialer with traces: ${size} keeps the traces of the latest ${size} dials that have ended`, async t => {
    const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: { connects: 1 }, 2: { connects: 1 }, 3: { connects: 1 } }, { traces: size })
    const peers = await Promise.all([1, 2, 3].map(newPeer))

    for (const [i, peer] of peers.entries()) {
      await clock.until(engine.dial(address(i + 1, peer)))
      await clock.advance(0)
    }

    t.deepEqual(tracesOf(engine.dials).map(({ target: { peer } }) => peer), size === 0 ? [] : peers.slice(-size).map(String))
  })
}

test('explain() of a dial whose callers left before its turn counts from the first caller to the last abort', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), {}, { settings: { maxParallelDials: 1 } })
  void engine.dial(address(1, await newPeer())).catch(() => {})
  const target = address(2, await newPeer())
  const [first, second] = [new AbortController(), new AbortController()]
  const dials = [engine.dial(target, { signal: first.signal })]
  await clock.advance(20)
  dials.push(engine.dial(target, { signal: second.signal }))
  const ends = Promise.allSettled(dials)
  await clock.advance(30)
  first.abort(new Error('the first left'))
  await clock.advance(50)
  const reason = new Error('the second left')
  second.abort(reason)
  await clock.until(ends)

  t.deepEqual(explainDial(engine.dials, reason).split('\n').slice(1), ['  Error: the second left', '  still waiting for its turn', '  2 callers: 2 aborted'])
  t.regex(explainDial(engine.dials, reason), / 0 addresses, 0 attempts, aborted after 100 ms\n/)
  engine.stop()
})

test('explain() of a peer shows the dial that was asked for last, although an earlier one still runs', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: 'silent', 2: { refuses: 10 } })
  const peer = await newPeer()
  const first = t.throwsAsync(engine.dial(address(1, peer)), { name: 'TimeoutError' })
  const second = t.throwsAsync(engine.dial(address(2, peer), { pipeline: pipeline(fromCaller(), race()) }), { message: /192\.0\.2\.2/ })
  await clock.advance(20)
  await second
  t.is(engine.dials.running.size, 1)

  for (const subject of [peer, undefined]) {
    t.regex(explainDial(engine.dials, subject), /192\.0\.2\.2/)
  }

  await clock.advance(20_000)
  await first
})
