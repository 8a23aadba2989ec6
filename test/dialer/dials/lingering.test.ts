import test from 'ava'
import { converge, fromCaller, pipeline, race, stagger } from '../../../src/stages/index.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { Connection, PeerId } from '@libp2p/interface'

const PEERS = await Promise.all(Array.from({ length: 4 }, newPeer)) as [PeerId, PeerId, PeerId, PeerId]
const OPTIONS = { runOnLimitedConnection: true }

/** Each peer's first address gives a limited connection, and the next nine are silent. Addresses from 100 on connect directly */
function worldOf (init: Parameters<typeof engineWorld>[2] = {}): EngineWorld & Lingering {
  const relays = [0, 10, 20, 30].map(n => [n, { connects: 10, isLimited: true }])
  const direct = [100, 101, 102, 103].map(n => [n, { connects: 30 }])
  const made = engineWorld(pipeline(fromCaller(), stagger(20), race(), converge()), Object.fromEntries([...relays, ...direct]), init)

  return {
    ...made,
    linger: async (place, ...others) => {
      const all = [0, ...others].map(n => address(place * 10 + n, PEERS[place]))
      const dialled = made.engine.dial(all, OPTIONS)
      await made.clock.advance(50)

      return dialled
    },
    goingOn: () => made.network.attempts.filter(({ signal, connection }) => !signal.aborted && connection == null).map(({ multiaddr }) => Number(multiaddr.split('/')[2]?.split('.')[3]))
  }
}

interface Lingering {
  /** Dials a peer at its limited address and some others */
  linger (place: number, ...others: number[]): Promise<Connection>
  /** Addresses of running attempts */
  goingOn (): number[]
}

test('at most maxParallelDials dials linger, and one more ends the oldest', async t => {
  const { linger, goingOn } = worldOf({ settings: { maxParallelDials: 2 } })
  await linger(0, 1)
  await linger(1, 1)
  t.deepEqual(goingOn(), [1, 11])
  await linger(2, 1)
  t.deepEqual(goingOn(), [11, 21])
})

test('dials that end with their first connection do not end lingering ones', async t => {
  const { engine, clock, linger, goingOn } = worldOf({ settings: { maxParallelDials: 2 } })
  await linger(0, 1)
  await linger(1, 1)
  const dials = [100, 101, 102, 103].map(async n => engine.dial(address(n, PEERS[2]), { force: true }))
  await clock.advance(500)
  await Promise.all(dials)
  t.deepEqual(goingOn(), [1, 11])
})

test('lingering dials do not keep others queued', async t => {
  const { engine, clock, linger } = worldOf({ settings: { maxParallelDials: 1 } })
  await linger(0, 1)
  const dial = engine.dial(address(100, PEERS[1]))
  t.is(engine.dials.pendingRuns, 1)
  await clock.advance(30)
  t.is((await dial).status, 'open')
})

test('lowering maxParallelDials ends lingering dials', async t => {
  const { engine, linger, goingOn } = worldOf()
  await linger(0, 1)
  await linger(1, 1)
  engine.maxParallelDials = 1
  await settled()
  t.deepEqual(goingOn(), [11])
  await linger(2, 1)
  t.deepEqual(goingOn(), [21])
})

test('a second dial of a peer lingers beside the first only when it has further addresses', async t => {
  const { engine, linger, goingOn } = worldOf()
  await linger(0, 1, 2)

  for (const n of [2, 1]) {
    const dialled = await linger(0, n)
    t.is(dialled.status, 'open')
    t.is(engine.dials.lingering.size, 1)
  }

  t.deepEqual(goingOn(), [1, 2])
  await linger(0, 3)
  t.is(engine.dials.lingering.size, 2)
  t.deepEqual(goingOn(), [1, 2, 3])
})

test('a lingering dial that ends with its second connection leaves its place, although another dial covers it', async t => {
  const { engine, clock, network, linger } = worldOf()
  network.script(address(1, PEERS[0]).toString(), { connects: 200 })
  await linger(0, 1, 2)
  await linger(0, 1, 2, 3)
  t.is(engine.dials.lingering.size, 2)
  await clock.advance(200)
  t.is(engine.dials.running.size, 0)
  t.is(engine.dials.lingering.size, 0)
})

test('a lingering dial ends when the connection that it returned closes', async t => {
  const { engine, linger, goingOn } = worldOf()
  const first = await linger(0, 1)
  const other = await linger(1, 1)
  t.deepEqual(goingOn(), [1, 11])
  await first.close()
  await settled()
  t.deepEqual(goingOn(), [11])
  t.is(engine.dials.lingering.size, 1)
  await other.close()
  await settled()
  t.is(engine.dials.running.size, 0)
})

test('a lingering dial goes on when another connection replaces the one that it returned', async t => {
  const { engine, clock, network, linger, goingOn } = worldOf()
  network.script(address(1, PEERS[0]).toString(), { connects: 500 })
  const events: unknown[] = []
  const onConnected = engine.onConnected.bind(engine)
  engine.onConnected = (dial, connection, previous, isOwn) => {
    events.push([connection, previous])
    onConnected(dial, connection, previous, isOwn)
  }
  const first = await linger(0, 1)
  const dialled: Array<Promise<Connection>> = []

  for (const n of [10, 20]) {
    dialled.push(engine.dial(address(n, PEERS[0]), { ...OPTIONS, force: true }))
    await clock.advance(50)
  }

  const others = await Promise.all(dialled) as [Connection, Connection]
  events.length = 0

  // libp2p aborts one when another part has opened the same address
  first.abort(new Error('Duplicate multiaddr connection'))
  await settled()
  await others[0].close()
  await settled()
  t.deepEqual(goingOn(), [1])
  await clock.advance(500)
  t.deepEqual(events, [[network.attempts[1]?.connection, others[1]]])
  t.is(engine.dials.running.size, 0)
  t.is((others[1] as Connection & { listenerCount (type: string): number }).listenerCount('close'), 0)
})

test('a dial does not linger when a listener closes its connection at once', async t => {
  const { engine, linger, goingOn } = worldOf()
  const onConnected = engine.onConnected.bind(engine)
  engine.onConnected = (dial, connection, previous, isOwn) => {
    onConnected(dial, connection, previous, isOwn)
    connection.abort(new Error('No'))
  }
  await linger(0, 1)
  t.deepEqual(goingOn(), [])
  t.is(engine.dials.running.size, 0)
})

test('a lingering dial ends when the last connection that replaced its own closes', async t => {
  const { engine, clock, linger, goingOn } = worldOf()
  const first = await linger(0, 1)
  const dialled = engine.dial(address(10, PEERS[0]), { ...OPTIONS, force: true })
  await clock.advance(50)
  await first.close()
  await settled()
  t.deepEqual(goingOn(), [1])
  await (await dialled).close()
  await settled()
  t.deepEqual(goingOn(), [])
  t.is(engine.dials.running.size, 0)
})

test('a connection that opens while the first is being closed is closed', async t => {
  const { engine, clock, network, linger } = worldOf()
  network.script(address(1, PEERS[0]).toString(), { connects: 200 })
  const first = await linger(0, 1)
  Object.defineProperty(first, 'status', { value: 'closing' })
  await clock.advance(200)
  t.is(network.attempts[1]?.connection?.status, 'closed')
  t.is(engine.dials.running.size, 0)
})

test('a better connection ends a lingering dial, and no listener is left', async t => {
  const { engine, clock, network, linger } = worldOf()
  network.script(address(1, PEERS[0]).toString(), { connects: 200 })
  const first = await linger(0, 1) as Connection & { listenerCount (type: string): number }
  t.is(first.listenerCount('close'), 1)
  await clock.advance(200)
  t.is(engine.dials.running.size, 0)
  t.is(first.listenerCount('close'), 0)
  t.is(network.open.length, 2)
})

test('a lingering dial makes no more attempts after the peer opened a better connection', async t => {
  const { engine, clock, components, network, linger } = worldOf()
  const { getConnections } = components.connectionManager
  const inbound = { status: 'open', direct: true, direction: 'inbound', remotePeer: PEERS[0] } as unknown as Connection
  const first = await linger(0, 1, 2, 3, 4, 5, 6)
  t.is(network.dialled.length, 4)
  components.connectionManager.getConnections = peer => [...getConnections(peer), inbound]
  await clock.advance(1_000)
  t.is(network.dialled.length, 4)
  t.is(first.status, 'open')
  // started attempts continue, because the remote may have stopped too
  t.is(engine.dials.lingering.size, 1)
  await clock.advance(6_000)
  t.is(engine.dials.running.size, 0)
})

for (const [name, slots, others, dialled] of [
  ['the node', { node: 1 }, [1], [100]],
  ['speculative attempts', { node: 8 }, [1, 2, 3], [11, 100]],
  ['a transport', { transport: { scripted: 2 } }, [1, 2], [100]]
] as const) {
  test(`lingering dials give up slots of ${name} for other dials`, async t => {
    const { engine, clock, linger, goingOn } = worldOf({ slots })
    await linger(0, ...others)
    await clock.advance(100)
    t.deepEqual(goingOn(), others)
    const dial = engine.dial(dialled.map(n => address(n, PEERS[1])))
    await clock.advance(200)
    t.deepEqual(goingOn(), [])
    t.is((await dial).status, 'open')
  })
}

test('a lingering dial uses slots for speculative attempts only', async t => {
  const { clock, linger, goingOn } = worldOf({ slots: { node: 8 } })
  await linger(0, 1, 2, 3, 4, 5)
  await clock.advance(200)
  t.deepEqual(goingOn(), [1, 2, 3])
})

test('stop() ends lingering dials', async t => {
  const { engine, linger, goingOn } = worldOf()
  await linger(0, 1)
  engine.stop()
  await settled()
  t.deepEqual(goingOn(), [])
  t.is(engine.dials.lingering.size, 0)
})
