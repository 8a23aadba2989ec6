import test from 'ava'
import { pipeline, timeout } from '../../src/pipeline/index.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { gater } from '../../src/stages/gater.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
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

test('a dial with all addresses in backoff tries each 1 s after its last failure, and then ends', async t => {
  const { dial, attempts, clock } = await peerWorld(plain, { 1: refuses, 2: refuses, 3: refuses }, { 1: { count: 8, at: 9_800 }, 2: { count: 8, at: 8_000 }, 3: { count: 8, at: 9_500 } })
  await t.throwsAsync(dial(), { name: 'AggregateError' })

  t.deepEqual(attempts(), ['2 @10000', '3 @10500', '1 @10800'])
  t.is(clock.now(), 10_810)
  t.is(clock.pending, 0)
})

test('dials of a peer within a second make one attempt at each address', async t => {
  const peer = await newPeer()
  const stored = [1, 2, 3].map(n => ({ multiaddr: address(n, peer), isCertified: false }))
  const { engine, clock, network } = engineWorld(plain, { 1: { refuses: 1 }, 2: { refuses: 1 }, 3: { refuses: 1 } }, { stored })
  await t.throwsAsync(clock.until(engine.dial(peer)))
  const dials = Array.from({ length: 9 }, async (_, i) => new Promise<void>(resolve => { clock.setTimeout(() => { engine.dial(peer).then(() => {}, () => { resolve() }) }, i * 100) }))
  await clock.until(Promise.all(dials))

  t.is(network.attempts.length, 6)
  t.true(network.attempts.slice(3).every(({ at }) => at >= 1_000), `${network.attempts.map(({ at }) => at)}`)
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
  t.deepEqual(network.attempts.map(({ at }) => at).slice(-2), [now, now + 1_010])
  t.is(clock.pending, 0)
})

for (const held of [1, 3]) {
  test(`the error of a dial counts ${held} addresses in backoff beside the failed ones`, async t => {
    const failures = Object.fromEntries(Array.from({ length: held }, (_, i) => [i + 2, {}]))
    const { dial } = await peerWorld(pipeline(fromPeerStore(), timeout(500, pipeline(backoff(), race()))), { 1: refuses }, failures, { now: 0 })
    const error = await t.throwsAsync<AggregateError>(dial(), { instanceOf: AggregateError, message: new RegExp(`^All multiaddr dials failed for \\w+: .* refused; ${held} dropped by backoff: failed once`) })

    t.is(error.errors.length, 1)
    t.regex(error.errors[0].message, /ECONNREFUSED/)
  })
}

test('a dial with one denied address and one in backoff tries the latter', async t => {
  const { dial } = await peerWorld(pipeline(fromPeerStore(), gater(), backoff(), race()), { 1: refuses, 2: 'silent' }, { 1: { isWrongPeer: true } }, {
    now: 0, connectionGater: { denyDialMultiaddr: one => one.toString().includes('192.0.2.2') }
  })

  await t.throwsAsync(dial(), { message: /ECONNREFUSED/ })
})
