import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { DcutrGuard } from '../../../src/dialer/libp2p/dcutr.ts'
import { FakeConnection, peer } from '../../convergence/fakes.ts'
import type { Connection, Libp2pEvents, Topology } from '@libp2p/interface'

const DCUTR = '/libp2p/dcutr'
const RELAYED = '/ip4/192.0.2.9/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit'

/** A DCUtR service that records its dials */
function scene () {
  const events = new TypedEventEmitter<Libp2pEvents>()
  const released: Connection[] = []
  const relayed = { converges: true, replaced: [] as FakeConnection[] }
  const seen: Connection[] = []
  const topology: Topology = { onConnect: (_, connection) => { seen.push(connection) } }
  const record = { handler: async (_: unknown, connection: Connection) => { seen.push(connection) }, options: {} }
  const guard = new DcutrGuard({
    events,
    registrar: { getTopologies: (protocol: string) => protocol === DCUTR ? [topology] : [], getProtocols: () => [DCUTR], getHandler: () => record }
  } as any, {
    isReplaced: connection => relayed.replaced.includes(connection as unknown as FakeConnection),
    release: connection => {
      released.push(connection)

      return relayed.converges
    }
  })

  return {
    guard,
    relayed,
    released,
    connects: async (to = RELAYED): Promise<{ connection: FakeConnection, view: Connection }> => {
      const connection = new FakeConnection({ to })
      events.safeDispatchEvent('connection:open', { detail: connection.real })
      await topology.onConnect?.(peer('z'), connection.real)

      return { connection, view: seen.pop() as Connection }
    },
    handles: async (connection: FakeConnection): Promise<{ error?: Error, view?: Connection }> => {
      let error: Error | undefined
      await record.handler({ abort: (err: Error) => { error = err } }, connection.real)

      return { error, view: seen.pop() }
    }
  }
}

test('close() by DCUtR releases a relayed connection instead of closing it', async t => {
  const { guard, released, connects, handles } = scene()
  guard.start()
  const { connection, view } = await connects()
  await view.close()
  t.deepEqual(released, [connection.real])
  t.is(connection.closes, 0)

  const { view: other } = await handles(connection)
  await other?.close()
  t.is(released.length, 2)
  t.is(connection.closes, 0)
})

test('close() by DCUtR closes a relayed connection when the node does not converge', async t => {
  const { guard, relayed, connects } = scene()
  relayed.converges = false
  guard.start()
  const { connection, view } = await connects()
  await view.close()
  t.is(connection.closes, 1)
})

test('DCUtR\'s view of a connection has its members, and opens streams until the connection is replaced', async t => {
  const { guard, relayed, connects, handles } = scene()
  guard.start()
  const { connection, view } = await connects()
  t.is(view.remoteAddr, connection.remoteAddr)
  t.is(view.status, 'open')
  t.is((await view.newStream(DCUTR)).protocol, DCUTR)

  relayed.replaced.push(connection)
  await t.throwsAsync(view.newStream(DCUTR), { name: 'ConnectionClosedError' })
  const { error, view: other } = await handles(connection)
  t.is(error?.name, 'ConnectionClosedError')
  t.is(other, undefined)
})

test('DCUtR\'s topology and handler are wrapped once, and restored when the node stops', async t => {
  const { guard, connects, handles } = scene()
  guard.start()
  await connects()
  const { view } = await connects()
  await view.close()

  guard.stop()
  const { connection, view: plain } = await connects()
  t.is(plain, connection.real)
  t.is((await handles(connection)).view, connection.real)
})

test('a DCUtR that starts after the dialer is wrapped when a relayed connection opens', async t => {
  const events = new TypedEventEmitter<Libp2pEvents>()
  const topologies: Topology[] = []
  const guard = new DcutrGuard({ events, registrar: { getTopologies: () => topologies, getProtocols: () => [] } } as any, { isReplaced: () => false, release: () => true })
  guard.start()
  const seen: Connection[] = []
  const topology: Topology = { onConnect: (_, connection) => { seen.push(connection) } }
  topologies.push(topology)

  const connection = new FakeConnection({ to: RELAYED })
  events.safeDispatchEvent('connection:open', { detail: new FakeConnection().real })
  await topology.onConnect?.(peer('z'), connection.real)
  t.is(seen.pop(), connection.real)

  events.safeDispatchEvent('connection:open', { detail: connection.real })
  await topology.onConnect?.(peer('z'), connection.real)
  t.not(seen.pop(), connection.real)
})
