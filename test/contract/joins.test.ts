// joined dials
import { setTimeout as sleep } from 'node:timers/promises'
import { peerRoutingSymbol } from '@libp2p/interface'
import { addressesOf, Gate, leadsTo, listening } from '../libp2p/kit.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { poll, until } from '../helpers/until.ts'
import { contract, isPending, LONG, rejection } from './contract.ts'
import { heard } from './heard.ts'
import { fails, hang, tap } from './tap.ts'
import type { Tap } from './tap.ts'
import type { PeerId } from '@libp2p/interface'

/** Room for one dial, so that later ones wait */
const ONE = { maxParallelDials: 1 }

contract('a dial of a peer is joined while it runs, by peer id or address', async (t, { node }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])
  const [address] = addressesOf(remote)

  const connections = await Promise.all([address, remote.peerId, [address], address].map(async target => dialler.dial(target)))

  t.is(new Set(connections).size, 1)
  t.deepEqual(wire.addresses, [`${address}`])
})

contract('a dial of a peer is joined while it is queued, by peer id or another address', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, first, { peer, at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: ONE }), unreachablePeer(), unreachablePeer()])

  const dials = [first.at, at, peer, address(2, peer)].map(async target => rejection(dialler.dial(target)))
  t.deepEqual(queueOf(dialler), [`active ${first.peer}`, `queued ${peer}`])

  await failAll(wire, 3)
  const [, ...errors] = await Promise.all(dials)
  t.is(new Set(errors).size, 1)
  t.deepEqual(wire.addresses.slice(1).toSorted(), [`${at}`, `${address(2, peer)}`])
})

contract('a queued dial of addresses without a peer id is joined by the same addresses in any order', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, first] = await Promise.all([node({ transports: [wire.transport], connectionManager: ONE }), unreachablePeer()])

  const dials = [first.at, [address(1), address(2)], [address(2), address(1)]].map(async target => rejection(dialler.dial(target)))
  t.is(dialler.getDialQueue().length, 2)

  await failAll(wire, 3)
  const [, ...errors] = await Promise.all(dials)
  t.is(new Set(errors).size, 1)
  t.deepEqual(wire.addresses.slice(1).toSorted(), [1, 2].map(n => `${address(n)}`))
})

contract('a dial of addresses without a peer id is not joined by one of them (stock: joined, and may connect to another peer)', async (t, { node, either }) => {
  const wire = tap(hang)
  const [dialler, first] = await Promise.all([node({ transports: [wire.transport], connectionManager: ONE }), unreachablePeer()])

  const dials = [first.at, [address(1), address(2)], address(2)].map(async target => rejection(dialler.dial(target)))
  t.is(dialler.getDialQueue().length, either({ stock: 2, ours: 3 }))

  await failAll(wire, either({ stock: 3, ours: 4 }))
  await Promise.all(dials)
})

contract('a running dial of an address without a peer id is joined by the same address (stock: dials again, a defect)', async (t, { node, either }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])
  const address = addressesOf(remote)[0].decapsulate('/p2p')

  const connections = await Promise.all([dialler.dial(address), dialler.dial(address)])

  t.is(new Set(connections).size, 1)
  t.is(wire.dials.length, either({ stock: 2, ours: 1 }))
})

contract('dials of different peers, or of different addresses without a peer id, are not joined', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, a, b] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer(), unreachablePeer()])

  const errors = await Promise.all([a.at, b.at, address(2), address(3)].map(async target => rejection(dialler.dial(target))))

  t.is(new Set(errors).size, 4)
})

contract('an address that a joining caller adds is dialled while the first attempt runs (stock: after all others have failed)', async (t, { node, either }) => {
  const remote = await listening(t)
  const hole = address(1, remote.peerId)
  const wire = tap(async dial => dial.multiaddr.equals(hole) ? hang(dial) : dial.connect())
  const dialler = await node({ transports: [wire.transport] })

  const first = dialler.dial(hole)
  await until(() => wire.dials.length, count => count === 1)
  const second = dialler.dial(addressesOf(remote))

  // with this dialer, waits until the dial has ended
  t.is(await either({ stock: isPending, ours: async (dial: Promise<unknown>) => dial.then(() => false) })(second), either({ stock: true, ours: false }))
  wire.dials[0]?.fail()

  leadsTo(t, await first, remote)
  t.is(await second, await first)
  t.deepEqual(wire.addresses, [`${hole}`, `${addressesOf(remote)[0]}`])
})

contract('a caller that joins a dial with more addresses than maxPeerAddrsToDial connects to its own (stock: fails with the others)', async (t, { node, either }) => {
  for (const isLate of [false, true]) {
    const remote = await listening(t)
    const wire = tap(async dial => !dial.multiaddr.toString().includes('192.0.2.') ? dial.connect() : wire.dials.length < 25 ? fails(dial) : hang(dial))
    const dialler = await node({ transports: [wire.transport] })
    const first = dialler.dial(Array.from({ length: 30 }, (_, i) => address(i + 1, remote.peerId))).then(() => 'open', ({ name }) => name)
    await until(() => wire.dials.length, count => !isLate || count === 25)
    const second = dialler.dial(addressesOf(remote)).then(() => 'open', ({ name }) => name)

    await Promise.race([second, poll(() => wire.dials.length, count => count === 25)])
    wire.dials[24]?.fail()

    t.deepEqual(await Promise.all([first, second]), either({ stock: ['DialError', 'DialError'], ours: [isLate ? 'AggregateError' : 'open', 'open'] }))
    t.true(wire.dials.length <= (isLate ? 26 : 25))
  }
})

contract('an address that a joining caller adds is dialled during a routing look-up (stock: fails with the look-up)', async (t, { node, either }) => {
  const gate = new Gate()
  const remote = await listening(t)
  const router = () => ({ [peerRoutingSymbol]: { findPeer: async (id: PeerId) => gate.pass().then(() => ({ id, multiaddrs: [] })), async * getClosestPeers () {} } })
  const dialler = await node({ services: { router } })

  const dials = [dialler.dial(remote.peerId)]
  await gate.arrival
  dials.push(dialler.dial(addressesOf(remote)))
  const results = dials.map(async dial => dial.then(({ status }) => status, ({ name }) => name))
  // the second dial may end with the joiner's address, before the look-up
  await Promise.race([results[1], sleep(LONG)])
  gate.open()

  t.deepEqual(await Promise.all(results), either({ stock: ['NoValidAddressesError', 'NoValidAddressesError'], ours: ['open', 'open'] }))
})

contract('a queued dial resolves with the connection that its peer opens meanwhile (stock: dials anyway)', async (t, { node, either }) => {
  const [{ at }, remote] = await Promise.all([unreachablePeer(), listening(t)])
  const wire = tap(async dial => dial.multiaddr.equals(at) ? hang(dial) : dial.connect())
  const dialler = await node({ listen: ['/ip4/127.0.0.1/tcp/0'], transports: [wire.transport], connectionManager: ONE })
  const blocker = rejection(dialler.dial(at))
  const waiting = dialler.dial(addressesOf(remote))
  await until(() => wire.dials.length, count => count === 1)

  await remote.dial(addressesOf(dialler))
  await until(() => dialler.getConnections(remote.peerId).length, count => count === 1)
  wire.dials[0]?.fail()
  await blocker

  t.is((await waiting).direction, either({ stock: 'outbound', ours: 'inbound' }))
  t.is(wire.dials.length, either({ stock: 2, ours: 1 }))
})

contract('a dial that fails resolves with a connection that the peer opened meanwhile (stock: rejects)', async (t, { node, either }) => {
  const [{ at }, remote] = await Promise.all([unreachablePeer(), listening(t)])
  const wire = tap(hang)
  const dialler = await node({ listen: ['/ip4/127.0.0.1/tcp/0'], transports: [wire.transport] })
  const dial = dialler.dial(at.decapsulate('/p2p').encapsulate(`/p2p/${remote.peerId}`)).then(({ direction }) => direction, ({ name }) => name)
  await until(() => wire.dials.length, count => count === 1)

  await remote.dial(addressesOf(dialler))
  await until(() => dialler.getConnections(remote.peerId).length, count => count === 1)
  wire.dials[0]?.fail()

  t.is(await dial, either({ stock: 'Error', ours: 'inbound' }))
})

contract('an address that failed is not dialled again when a caller joins with it', async (t, { node }) => {
  const wire = tap(async dial => dial.multiaddr.toString().includes('192.0.2.1/') ? fails(dial) : hang(dial))
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  const first = rejection(dialler.dial([at, address(2, peer)]))
  await until(() => wire.dials.length, count => count === 2)
  const second = rejection(dialler.dial(at))
  wire.dials[1]?.fail()

  const errors = await Promise.all([first, second])
  t.is(errors[0], errors[1])
  t.deepEqual(errors[0].errors.map(({ message }: Error) => message), [`failed ${at}`, `failed ${address(2, peer)}`])
  t.deepEqual(wire.addresses, [`${at}`, `${address(2, peer)}`])
})

contract('the error of a dial reaches all callers that joined', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  const errors = await Promise.all([1, 2, 3].map(async () => rejection(dialler.dial(at))))

  t.deepEqual(new Set(errors.map(({ message }) => message)), new Set([`failed ${at}`]))
  t.is(wire.dials.length, 1)
})

contract('a dial with force uses the attempt of a dial that is already running', async (t, { node }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])

  const [one, other] = await Promise.all([dialler.dial(addressesOf(remote)), dialler.dial(addressesOf(remote), { force: true })])

  t.is(one, other)
  t.is(wire.dials.length, 1)
  t.is(dialler.getConnections(remote.peerId).length, 1)
})

contract('a dial with initiator: false does not join one without (stock: joins, and the role is lost)', async (t, { node, either }) => {
  const wire = tap(fails)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  await Promise.all([dialler.dial(at), dialler.dial(at, { initiator: false } as object)].map(rejection))

  t.deepEqual(wire.dials.map(({ options }) => options['initiator']), either({ stock: [undefined], ours: [undefined, false] }))
})

contract('a dial made after another has ended does not join it', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const progress = heard()

  await rejection(dialler.dial(at))
  await rejection(dialler.dial(at, progress.options))

  t.is(wire.dials.length, 2)
  t.false(progress.types.includes('dial-queue:already-in-dial-queue'))
})

contract('100 dials of one peer make one attempt and one connection', async (t, { node }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])

  const connections = await Promise.all(Array.from({ length: 100 }, async () => dialler.dial(addressesOf(remote))))

  t.is(new Set(connections).size, 1)
  t.is(wire.dials.length, 1)
})

function queueOf (node: { getDialQueue (): Array<{ status: string, peerId?: unknown }> }): string[] {
  return node.getDialQueue().map(({ status, peerId }) => `${status} ${peerId}`)
}

/** Fails the dials one after another, as each starts */
async function failAll ({ dials }: Tap, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await until(() => dials.length, length => length > i)
    dials[i]?.fail()
  }
}
