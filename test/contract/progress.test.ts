// progress events
import { webSockets } from '@libp2p/websockets'
import { address, unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, Gate, listening, texts } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { heard } from './heard.ts'
import { fails, hang, tap } from './tap.ts'

const OPEN = ['connection:open', 'dial-queue:add-to-dial-queue', 'dial-queue:start-dial', 'dial-queue:calculated-addresses']
const TCP = ['transport-manager:selected-transport', 'tcp:open-connection', 'upgrader:encrypt-outbound-connection']
const JOINED = ['connection:open', 'dial-queue:already-in-dial-queue']

contract('a TCP dial reports its progress events in order, with their details', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const progress = heard()
  const addresses = addressesOf(remote)

  const connection = await dialler.dial(addresses, progress.options)

  t.deepEqual(progress.types, [...OPEN, ...TCP, 'connection:opened'])
  t.is(progress.detail('connection:open'), addresses)
  t.like(progress.detail('dial-queue:calculated-addresses'), { length: 1, 0: { multiaddr: addresses[0], isCertified: false } })
  t.is(progress.detail('transport-manager:selected-transport'), '@libp2p/tcp')
  t.is(progress.detail('connection:opened').id, connection.id)
})

contract('a WebSocket dial reports its progress events in order', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node({ transports: [webSockets()] }), listening(t)])
  const progress = heard()

  await dialler.dial(addressesOf(remote, 'ws'), progress.options)

  t.deepEqual(progress.types, [...OPEN, ...TCP.with(1, 'websockets:open-connection'), 'connection:opened'])
  t.is(progress.detail('transport-manager:selected-transport'), '@libp2p/websockets')
})

contract('a dial whose first address fails reports the progress events of both attempts', async (t, { node }) => {
  const remote = await listening(t)
  const wire = tap(async dial => dial.multiaddr.equals(address(1, remote.peerId)) ? fails(dial) : dial.connect())
  const dialler = await node({ transports: [wire.transport] })
  const progress = heard()

  await dialler.dial([address(1, remote.peerId), ...addressesOf(remote)], progress.options)

  t.deepEqual(progress.types, [...OPEN, 'transport-manager:selected-transport', ...TCP, 'connection:opened'])
  t.deepEqual(texts(progress.detail('dial-queue:calculated-addresses').map(({ multiaddr }: any) => multiaddr)), wire.addresses)
})

contract('a dial of a connected peer reports already-connected and connection:opened', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const connection = await dialler.dial(addressesOf(remote))
  const progress = heard()

  await dialler.dial(remote.peerId, progress.options)

  t.deepEqual(progress.types, ['connection:open', 'dial-queue:already-connected', 'connection:opened'])
  t.is(progress.detail('connection:opened').id, connection.id)
})

contract('the dial queue\'s already-connected event has the connection', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const connection = await dialler.dial(addressesOf(remote))
  const progress = heard()

  t.is((await (dialler as any).components.connectionManager.dialQueue.dial(remote.peerId, progress.options)).id, connection.id)
  t.deepEqual(progress.types, ['dial-queue:already-connected'])
  t.is(progress.detail('dial-queue:already-connected').id, connection.id)
})

contract('a failed dial reports no connection:opened', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const progress = heard()

  await rejection(dialler.dial(at, progress.options))

  t.deepEqual(progress.types, [...OPEN, 'transport-manager:selected-transport'])
})

contract('a caller that joins a queued dial hears all events, and one that joins a running dial hears the rest', async (t, { node }) => {
  const [{ at }, remote] = await Promise.all([unreachablePeer(), listening(t)])
  const gate = new Gate()
  const wire = tap(async dial => dial.multiaddr.equals(at) ? hang(dial) : dial.connect())
  const dialler = await node({
    transports: [wire.transport],
    connectionManager: { maxParallelDials: 1 },
    connectionGater: { denyOutboundConnection: async () => gate.hold() }
  })
  const [first, early, late] = [heard(), heard(), heard()]

  const blocker = rejection(dialler.dial(at))
  const dials = [first, early].map(async ({ options }) => dialler.dial(addressesOf(remote), options))
  await until(() => wire.dials.length, count => count === 1)
  t.deepEqual([first.types, early.types], [OPEN.slice(0, 2), JOINED])

  wire.dials[0]?.fail()
  await gate.arrival
  dials.push(dialler.dial(addressesOf(remote), late.options))
  gate.open()
  await Promise.all([blocker, ...dials])

  t.deepEqual(first.types, [...OPEN, ...TCP, 'connection:opened'])
  t.deepEqual(early.types, [...JOINED, ...OPEN.slice(2), ...TCP, 'connection:opened'])
  t.deepEqual(late.types, [...JOINED, ...TCP.slice(2), 'connection:opened'])
})

contract('callers that share a dial receive the same event objects, each once', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const listeners = [heard(), heard(), heard()]

  await Promise.all(listeners.map(async ({ options }) => dialler.dial(addressesOf(remote), options)))

  for (const { events } of listeners) {
    t.is(new Set(events).size, events.length)
  }

  for (const type of TCP) {
    t.is(new Set(listeners.map(({ events }) => events.find(event => event.type === type))).size, 1, type)
  }

  // the last event is a separate object for each caller
  t.is(new Set(listeners.map(({ events }) => events.at(-1))).size, listeners.length)
})

contract('a caller that has aborted hears no more events (stock: all the rest)', async (t, { node, either }) => {
  const gate = new Gate()
  const [dialler, remote] = await Promise.all([node({ connectionGater: { denyOutboundConnection: async () => gate.hold() } }), listening(t)])
  const controller = new AbortController()
  const [leaver, stayer] = [heard(), heard()]

  const left = rejection(dialler.dial(addressesOf(remote), { signal: controller.signal, ...leaver.options }))
  const stays = dialler.dial(addressesOf(remote), stayer.options)
  await gate.arrival
  controller.abort()
  await left
  const before = leaver.types
  gate.open()
  await stays

  t.deepEqual(leaver.types, [...before, ...either({ stock: TCP.slice(2), ours: [] })])
  t.is(stayer.types.at(-1), 'connection:opened')
})
