import test from 'ava'
import { pipeline, timeout } from '../../src/pipeline/index.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { gater } from '../../src/stages/gater.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { FakeHistory } from './fake-history.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { DialComponents, DialPipeline, Failures } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { Connection } from '@libp2p/interface'

const refuses = { refuses: 10 }
const connects = { connects: 10 }
const plain = pipeline(fromPeerStore(), backoff(), race())

interface PeerWorld extends EngineWorld {
  /** Dials the peer until the dial ends */
  dial: () => Promise<Connection>
  /** Returns the number of each attempted address, with the start of the attempt */
  attempts: () => string[]
}

/** Creates an engine that knows addresses of a peer by number, of which some have failed. Its clock is at `now` milliseconds */
async function peerWorld (whole: DialPipeline, scripts: Record<number, Script>, failures: Record<number, Partial<Failures>>, { now = 10_000, connectionGater = {} }: { now?: number, connectionGater?: DialComponents['connectionGater'] } = {}): Promise<PeerWorld> {
  const peer = await newPeer()
  const history = new FakeHistory()
  const stored = Object.keys({ ...scripts, ...failures }).map(n => ({ multiaddr: address(Number(n), peer), isCertified: false }))
  const made = engineWorld(whole, scripts, { history, stored, connectionGater })
  await made.clock.advance(now)
  Object.entries(failures).forEach(([n, rest]) => { history.failed.set(address(Number(n), peer).toString(), { count: 1, at: 0, isWrongPeer: false, ...rest }) })

  return {
    ...made,
    dial: async () => made.clock.until(made.engine.dial(peer)),
    attempts: () => made.network.attempts.map(({ at, multiaddr }) => `${multiaddr.split('/')[2]?.split('.')[3]} @${at}`)
  }
}

test('a dial with all addresses in backoff tries them in the order from above', async t => {
  const { dial, attempts, clock } = await peerWorld(pipeline(fromPeerStore(), backoff(), sequential(), race()), { 1: refuses, 2: refuses, 3: connects }, {
    1: { count: 9, at: 9_000, isWrongPeer: true }, 2: { at: 9_000 }, 3: { count: 9, at: 9_000 }
  })
  await dial()

  t.deepEqual(attempts(), ['1 @10000', '2 @10010', '3 @10020'])
  t.is(clock.pending, 0)
})

test('a dial whose addresses failed a moment ago tries each at once, and then ends', async t => {
  const { dial, attempts, clock } = await peerWorld(plain, { 1: refuses, 2: refuses, 3: refuses }, { 1: { count: 8, at: 10_000 }, 2: { count: 8, at: 8_000 }, 3: { isWrongPeer: true, at: 9_500 } })
  await t.throwsAsync(dial(), { name: 'AggregateError' })

  t.deepEqual(attempts(), ['1 @10000', '2 @10010', '3 @10020'])
  t.is(clock.now(), 10_030)
  t.is(clock.pending, 0)
})

test('dials of a refusing peer in succession wait for nothing but its answers', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, { 1: refuses }, { stored: [{ multiaddr: address(1, peer), isCertified: false }] })

  for (let i = 0; i < 5; i++) {
    await t.throwsAsync(clock.until(engine.dial(peer)), { message: /ECONNREFUSED/ })
  }

  t.deepEqual(network.attempts.map(({ at }) => at), [0, 10, 20, 30, 40])
})

test('a dial whose other addresses failed tries the ones in backoff', async t => {
  const { dial, attempts } = await peerWorld(plain, { 1: refuses, 2: refuses, 3: connects }, { 2: { count: 8, at: 5_000 }, 3: { count: 8, at: 5_000 } })
  await dial()

  t.deepEqual(attempts(), ['1 @10000', '2 @10010', '3 @10020'])
})

test('an address whose backoff ends during the dial is dialled in it', async t => {
  const { dial, clock, network } = await peerWorld(pipeline(fromPeerStore(), backoff({ base: 500 }), race()), { 1: connects, 2: { connects: 9_000, firstResponse: 10 } }, { 1: {} }, { now: 0 })
  const connection = await dial()

  t.true(connection.remoteAddr.toString().startsWith(`${address(1)}/`))
  const at = network.attempts[1]?.at ?? NaN
  t.true(at >= 400 && at <= 600, `${at}`)
  t.is(clock.pending, 0)
})

test('backoff() follows the history of real dials: failed, held, user-given and all held', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), fromCaller(), backoff(), race()), { 1: refuses }, { stored: [{ multiaddr: address(1, peer), isCertified: false }] })
  const refused = { message: /ECONNREFUSED/ }

  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  await t.throwsAsync(clock.until(engine.dial(address(1, peer))), refused)
  await clock.advance(8_000)
  network.script(address(1).toString(), connects)
  const connection = await clock.until(engine.dial(peer))
  await connection.close()
  network.script(address(1).toString(), refuses)
  const now = clock.now()
  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  await t.throwsAsync(clock.until(engine.dial(peer)), refused)
  t.deepEqual(network.attempts.map(({ at }) => at).slice(-2), [now, now + 10])
  t.is(clock.pending, 0)
})

for (const held of [1, 3]) {
  test(`the error of a dial counts ${held} addresses in backoff beside the silent one`, async t => {
    const failures = Object.fromEntries(Array.from({ length: held }, (_, i) => [i + 2, {}]))
    const { dial } = await peerWorld(pipeline(fromPeerStore(), timeout(500, pipeline(backoff(), race()))), { 1: 'silent' }, failures, { now: 0 })

    await t.throwsAsync(dial(), { name: 'AggregateError', message: new RegExp(`1 not answered in time .*; ${held} dropped by backoff: failed once`) })
  })
}

test('a dial with one denied address and one in backoff tries the latter', async t => {
  const { dial } = await peerWorld(pipeline(fromPeerStore(), gater(), backoff(), race()), { 1: refuses, 2: 'silent' }, { 1: { isWrongPeer: true } }, {
    now: 0, connectionGater: { denyDialMultiaddr: one => one.toString().includes('192.0.2.2') }
  })

  await t.throwsAsync(dial(), { message: /ECONNREFUSED/ })
})
