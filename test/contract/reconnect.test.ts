// the reconnect queue
import { KEEP_ALIVE } from '@libp2p/interface'
import { adaptive } from '../../presets/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { fails, hang, tap } from './tap.ts'
import type { Subject } from './contract.ts'
import type { OnDial } from './tap.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const KEPT = { tags: { [`${KEEP_ALIVE}-test`]: {} } }

/** Connects to a keep-alive peer, closes the connection, and answers all later dials with `retry` until the peer is given up */
async function giveUp (t: ExecutionContext, node: Subject['node'], retry: OnDial): Promise<{ dialler: Libp2p, dials: number, peer: PeerId }> {
  let isUp = true
  const remote = await listening(t)
  const wire = tap(async dial => isUp ? dial.connect() : retry(dial))
  const dialler = await node({ transports: [wire.transport], connectionManager: { reconnectRetries: 2, reconnectRetryInterval: 1, reconnectBackoffFactor: 1 } })
  await dialler.peerStore.merge(remote.peerId, KEPT)
  const failure = new Promise<string>(resolve => { dialler.addEventListener('peer:reconnect-failure', ({ detail }) => { resolve(`${detail}`) }) })
  const connection = await dialler.dial(addressesOf(remote))

  isUp = false
  await connection.close()
  t.is(await failure, `${remote.peerId}`)

  return { dialler, dials: wire.dials.length, peer: remote.peerId }
}

contract('a peer tagged keep-alive is dialled again after a disconnect, and another is not', async (t, { node }) => {
  const wire = tap()
  const [dialler, kept, other] = await Promise.all([node({ transports: [wire.transport] }), listening(t), listening(t)])
  await dialler.peerStore.merge(kept.peerId, KEPT)
  const connections = await Promise.all([kept, other].map(async remote => dialler.dial(addressesOf(remote))))

  await Promise.all(connections.map(async connection => connection.close()))
  const [again] = await until(() => dialler.getConnections(kept.peerId), ([one]) => one?.status === 'open')

  t.truthy(again)
  leadsTo(t, again as any, kept)
  t.deepEqual(wire.addresses.toSorted(), [addressesOf(kept)[0], addressesOf(kept)[0], addressesOf(other)[0]].map(String).toSorted())
})

contract('a peer tagged keep-alive is dialled when the node starts', async (t, { node }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ start: false, transports: [wire.transport] }), listening(t)])
  await dialler.peerStore.merge(remote.peerId, { ...KEPT, multiaddrs: addressesOf(remote) })

  await dialler.start()
  const [connection] = await until(() => dialler.getConnections(remote.peerId), ({ length }) => length === 1)

  t.truthy(connection)
  t.is(wire.dials.length, 1)
})

contract('a keep-alive peer that cannot be dialled is given up after a fixed number of retries, and loses its tag', async (t, { node }) => {
  const { dialler, dials, peer } = await giveUp(t, node, fails)

  t.is(dials, 4)
  t.false([...(await dialler.peerStore.get(peer)).tags.keys()].some(tag => tag.startsWith(KEEP_ALIVE)))
})

contract('each dial of a peer that refuses makes one attempt, without a wait', async (t, { node }) => {
  const wire = tap(fails)
  const { peer, at } = await unreachablePeer()
  // time does not pass
  const dialler = await node({ transports: [wire.transport], pipeline: adaptive(), clock: new VirtualClock() })
  await dialler.peerStore.merge(peer, { multiaddrs: [at] })

  for (let i = 0; i < 3; i++) {
    t.is((await rejection(dialler.dial(peer))).message, `failed ${at}`)
  }

  t.is(wire.dials.length, 3)
})

contract('a keep-alive peer whose WebSocket fails with an Event is retried (stock: given up at once)', async (t, { node, either }) => {
  // libp2p's WebSockets fail with an event
  const event: any = new Event('error')

  t.is((await giveUp(t, node, async () => Promise.reject(event))).dials, either({ stock: 2, ours: 4 }))
})

contract('stop() ends the dial of the reconnect queue', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { peer, at }] = await Promise.all([node({ start: false, transports: [wire.transport] }), unreachablePeer()])
  await dialler.peerStore.merge(peer, { ...KEPT, multiaddrs: [at] })
  await dialler.start()
  await until(() => wire.dials.length, count => count === 1)

  await dialler.stop()

  t.true(wire.dials[0]?.signal.aborted)
  t.deepEqual(dialler.getDialQueue(), [])
})
