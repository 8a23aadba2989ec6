import test from 'ava'
import { DialBarrier } from '../../src/dialer/dials/dial-barrier.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { filter, pace, pipeline, source } from '../../src/pipeline/index.ts'
import { attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { take } from '../../src/stages/take.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { systemError } from './learning.ts'
import type { History } from '../../src/history/history.ts'
import type { Recorder } from '../../src/history/recorder.ts'
import type { World } from '../helpers/scripted.ts'

const plain = pipeline(fromCaller(), pace('quick', race => race.lastStart + 10), race())

/** Number of the address, start, first response, end and outcome of an attempt */
type Told = [number, number, number | undefined, number, string]

function listen ({ components, clock }: World): { answers: number[], attempts: Told[], unreachable: string[] } {
  const recorded = { answers: [] as number[], attempts: [] as Told[], unreachable: [] as string[] }
  const history = components.history as History
  const attempted = history.attempted.bind(history)

  Object.assign(history, {
    attempted: attempt => {
      const { candidate, startedAt, firstResponseAt, endedAt, error, isCancelled } = attempt
      const n = Number(/192\.0\.2\.(\d+)/.exec(candidate.id)?.[1])
      recorded.attempts.push([n, startedAt, firstResponseAt, endedAt, isCancelled ? 'cancelled' : error?.name ?? 'connected'])
      attempted(attempt)
    },
    answered: () => { recorded.answers.push(clock.now()) },
    // the silence of a dial that was cut is weighed by the history itself
    unreachable: (peer, _wereAllTried, silent) => { recorded.unreachable.push(...silent == null ? [peer.toString()] : []) }
  } satisfies Recorder)

  return recorded
}

test('a dial reports its peer as unreachable although an attempt gave way to another', async t => {
  const peer = await newPeer()
  const world = engineWorld(plain, {}, { slots: { peer: 1 } })
  const { attempts, unreachable } = listen(world)
  await t.throwsAsync(world.clock.until(world.engine.dial([1, 2].map(n => address(n, peer)), { signal: new AbortController().signal })), { name: 'AggregateError' })

  t.deepEqual(attempts.map(([n, , , , how]) => [n, how]), [[1, 'cancelled'], [2, 'TimeoutError'], [1, 'TimeoutError']])
  t.deepEqual(unreachable, [peer.toString()])
})

test('each attempt is reported once with its outcome, and its first response when it arrives', async t => {
  const peer = await newPeer()
  const world = engineWorld(plain, { 1: { refuses: 5 }, 2: { connects: 60, firstResponse: 20 } })
  const { attempts, answers } = listen(world)
  await world.clock.until(world.engine.dial([address(1, peer), address(2, peer), address(3, peer)]))
  await world.clock.advance(20_000)

  t.deepEqual(answers, [25])

  t.deepEqual(attempts, [
    [1, 0, undefined, 5, 'Error'],
    [2, 5, 25, 65, 'connected'],
    [3, 15, undefined, 65, 'cancelled']
  ])
})

test('an attempt that two dials share is reported once', async t => {
  const peer = await newPeer()
  const world = engineWorld(plain, { 1: { connects: 50 } })
  const { attempts } = listen(world)
  const other = pipeline(fromCaller(), race())
  await world.clock.until(Promise.all([world.engine.dial(address(1, peer)), world.engine.dial(address(1, peer), { pipeline: other })]))

  t.deepEqual(attempts, [[1, 0, undefined, 50, 'connected']])
})

test('an attempt that exceeds its timeout is reported as failed at once', async t => {
  const peer = await newPeer()
  const world = engineWorld(pipeline(fromCaller(), race({ attempt: [attemptTimeout(300)] })))
  const { attempts, unreachable } = listen(world)
  await t.throwsAsync(world.clock.until(world.engine.dial(address(1, peer))), { name: 'TimeoutError' })

  t.deepEqual(attempts, [[1, 0, undefined, 300, 'TimeoutError']])
  t.deepEqual(unreachable, [peer.toString()])
})

test('an attempt whose callers abort, or that ends with the dialer, is reported as cancelled', async t => {
  const peer = await newPeer()
  const world = engineWorld(plain)
  const { attempts, unreachable } = listen(world)
  const controller = new AbortController()
  const left = t.throwsAsync(world.engine.dial(address(1, peer), { signal: controller.signal }), { name: 'AbortError' })
  const stopped = t.throwsAsync(world.engine.dial(address(2, await newPeer())), { name: 'AbortError' })
  await world.clock.advance(20)
  controller.abort()
  await left
  world.engine.stop()
  await stopped
  await world.clock.advance(20_000)

  t.deepEqual(attempts, [[1, 0, undefined, 20, 'cancelled'], [2, 0, undefined, 20, 'cancelled']])
  t.deepEqual(unreachable, [])
})

test('an attempt without a slot is not reported', async t => {
  const peer = await newPeer()
  const world = engineWorld(plain, {}, { slots: { node: 1 } })
  const { attempts } = listen(world)
  const controller = new AbortController()
  const dial = t.throwsAsync(world.engine.dial([address(1, peer), address(2, peer)], { signal: controller.signal }), { name: 'AbortError' })
  await world.clock.advance(100)
  controller.abort()
  await dial
  await settled()

  t.deepEqual(attempts.map(([n]) => n), [1])
})

test('a peer is reported as unreachable when all attempts failed', async t => {
  const peer = await newPeer()
  const world = engineWorld(plain.before('quick', filter('no-3', ({ id }) => !id.includes('192.0.2.3/'))), { 1: { refuses: 5 }, 2: { refuses: 5 } })
  const { unreachable } = listen(world)
  await t.throwsAsync(world.clock.until(world.engine.dial([1, 2, 3].map(n => address(n, peer)))), { name: 'AggregateError' })

  t.deepEqual(unreachable, [peer.toString()])
})

test('a dial reports whether it has left out addresses of a peer whose attempts all failed', async t => {
  for (const [most, expected] of [[2, [false]], [3, [true]]] as const) {
    const peer = await newPeer()
    const world = engineWorld(plain.before('quick', take(most)), { 1: { refuses: 5 }, 2: { refuses: 5 }, 3: { refuses: 5 } })
    const recorded: unknown[] = []
    Object.assign(world.components.history, { unreachable: (_peer, wereAllTried) => { recorded.push(wereAllTried) } } satisfies Partial<Recorder>)
    await t.throwsAsync(world.clock.until(world.engine.dial([1, 2, 3].map(n => address(n, peer)))), { name: 'AggregateError' })

    t.deepEqual(recorded, expected)
  }
})

test('a peer is not reported as unreachable when its callers abort before its sources have answered', async t => {
  const routing = source('routing', async function * (dial) {
    await sleep(1_000, dial.clock, dial.signal)
    yield address(2)
  })
  const world = engineWorld(plain.before('quick', routing), { 1: { refuses: 5 } })
  const { attempts, unreachable } = listen(world)
  const controller = new AbortController()
  const dial = t.throwsAsync(world.engine.dial(address(1, await newPeer()), { signal: controller.signal }), { name: 'AbortError' })
  await world.clock.advance(100)
  controller.abort()
  await dial
  await world.clock.advance(2_000)

  t.is(attempts.length, 1)
  t.deepEqual(unreachable, [])
})

test('a peer is not reported as unreachable when nothing was attempted', async t => {
  const world = engineWorld(plain.before('quick', filter('none', () => false)))
  const { unreachable } = listen(world)
  await t.throwsAsync(world.clock.until(world.engine.dial(address(1, await newPeer()))), { name: 'NoValidAddressesError' })

  t.deepEqual(unreachable, [])
})

for (const code of ['ENETUNREACH', 'EMFILE', 'ENOTFOUND', 'EAI_AGAIN']) {
  test(`a peer is not reported as unreachable after a fault of this machine: ${code}`, async t => {
    const world = engineWorld(plain, { 1: { refuses: 0, error: systemError(code) } })
    const { unreachable } = listen(world)
    await t.throwsAsync(world.clock.until(world.engine.dial(address(1, await newPeer()))), { name: 'Error' })

    t.deepEqual(unreachable, [])
  })
}

test('dials wait until the stored history is read, and abort when their caller does', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(plain, { 1: { connects: 50 } })
  const barrier = new DialBarrier(() => undefined)
  engine.barrier = barrier
  const controller = new AbortController()
  const dial = engine.dial(address(1, peer))
  const aborted = t.throwsAsync(engine.dial(address(2, await newPeer()), { signal: controller.signal }), { name: 'AbortError' })
  await clock.advance(100)
  controller.abort()
  await aborted
  t.deepEqual(network.dialled, [])

  engine.barrier = undefined
  barrier.open()
  await clock.until(dial)
  t.deepEqual(network.dialled, [address(1).toString()])
})
