import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { filter, pipeline, stage } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialWatcher } from '../../../src/dialer/dials/dial-register.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

const whole = pipeline(fromCaller(), race())

/** Addresses that connect, and a queue with a listener for its first event of a type */
function listening (type: 'added' | 'active' | 'settled', listener: () => void, maxParallelDials = 1): EngineWorld & { listen (): void } {
  const made = engineWorld(whole, { 2: { connects: 5 }, 3: { connects: 5 } }, { settings: { maxParallelDials } })
  const { dials } = made.engine
  const ignore: DialWatcher = { added: () => {}, active: () => {}, settled: () => {} }

  return {
    ...made,
    listen: () => {
      dials.watcher = {
        ...ignore,
        [type]: () => {
          dials.watcher = ignore
          listener()
        }
      }
    }
  }
}

for (const type of ['added', 'active'] as const) {
  test(`a dial that a listener aborts when it is ${type} dials nothing, and the next caller does not join it`, async t => {
    const controller = new AbortController()
    const { engine, clock, network, listen } = listening(type, () => { controller.abort() })
    const peer = await newPeer()
    listen()
    await t.throwsAsync(engine.dial(address(2, peer), controller), { name: 'AbortError' })
    await clock.advance(100)
    t.deepEqual([network.dialled, engine.dials.running.size], [[], 0])
    await clock.until(engine.dial(address(3, peer)))

    t.deepEqual(network.dialled, [address(3).toString()])
    await engine.dials.idle()
  })
}

test('a dial that a listener aborts while callers move to another pipeline is not joined by the next caller', async t => {
  const [busy, controller] = [new AbortController(), new AbortController()]
  const { engine, clock, network, listen } = listening('added', () => { controller.abort() })
  const peer = await newPeer()
  engine.dial(address(1, await newPeer()), busy).catch(() => {})
  await clock.advance(1)
  const first = t.throwsAsync(engine.dial(address(2, peer), controller), { name: 'AbortError' })
  const second = engine.dial(address(3, peer))
  listen()
  engine.pipelines.current = pipeline(fromCaller(), filter('all', () => true), race())
  busy.abort()
  await first
  await clock.until(second)

  t.deepEqual(network.dialled.slice(1), [address(3).toString()])
})

test('the open connection of another caller stays open when a listener aborts the dial that it answers', async t => {
  const [busy, controller] = [new AbortController(), new AbortController()]
  const { engine, components: { connectionManager }, clock, network, listen } = listening('settled', () => { controller.abort() })
  const peer = await newPeer()
  const open = await clock.until(engine.dial(address(2, peer)))
  connectionManager.getConnections = () => []
  engine.dial(address(1, await newPeer()), busy).catch(() => {})
  const queued = t.throwsAsync(engine.dial(address(2, peer), controller), { name: 'AbortError' })
  connectionManager.getConnections = () => [open]
  listen()
  engine.maxParallelDials = 2
  await queued
  busy.abort()
  await clock.advance(2_000)

  t.is(network.dialled.filter(one => one === address(2).toString()).length, 1)
  t.is(open.status, 'open')
})

/** Delays the end of a failed dial by 100 ms. Callers that join until then are given another dial */
const slowEnd = stage({ name: 'slow-end', accepts: ['connections'], yields: 'connections', run: async function * (connections: AsyncIterable<any>, { clock, signal }) {
  yield * connections
  await sleep(100, clock, signal)
} })

for (const [whom, ends, dialled] of [['the first', [0], ['/ip4/192.0.2.3/tcp/4001']], ['both', [0, 1], []]] as const) {
  test(`callers that come too late for a dial get another, which does not dial for those a listener aborts: ${whom}`, async t => {
    const late = [new AbortController(), new AbortController()]
    const { engine, clock, network, listen } = listening('added', () => { ends.forEach(i => { late[i]?.abort() }) })
    const peer = await newPeer()
    network.script(address(1).toString(), { refuses: 5 })
    engine.pipelines.current = pipeline(fromCaller(), race(), slowEnd)
    const first = t.throwsAsync(engine.dial(address(1, peer)), { message: /ECONNREFUSED/ })
    await clock.advance(50)
    const dials = Promise.allSettled(late.map(async (controller, i) => engine.dial(address(2 + i, peer), controller)))
    listen()
    await clock.until(first)
    const results = await clock.until(dials)
    await clock.advance(1_000)

    t.deepEqual(results.map(({ status }) => status === 'fulfilled'), [false, dialled.length > 0])
    t.deepEqual(network.dialled.slice(1), [...dialled])
    t.deepEqual([engine.dials.pending.size, engine.dials.pendingRuns, engine.dials.running.size], [0, 0, 0])
  })
}

test('a dial that a listener joins as it starts runs once', async t => {
  const joined: Array<Promise<unknown>> = []
  const peer = await newPeer()
  const { engine, clock, network, listen } = listening('active', () => { joined.push(engine.dial(address(2, peer))) }, 2)
  listen()
  const first = await clock.until(engine.dial(address(2, peer)))
  t.deepEqual(await Promise.all(joined), [first])
  await clock.advance(100)

  t.deepEqual(network.dialled, [address(2).toString()])
  t.deepEqual([engine.dials.pending.size, engine.dials.pendingRuns, engine.dials.running.size], [0, 0, 0])
})
