// services that dial
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { unreachablePeer } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { heard } from './heard.ts'
import { fails, hang, tap } from './tap.ts'
import type { Libp2p, Peer } from '@libp2p/interface'

const PING = '/ipfs/ping/1.0.0'

const services = () => ({
  identify: identify(),
  ping: ping(),
  dht: kadDHT({ protocol: '/test/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper })
})

contract('ping dials with the options of its caller', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node({ services: services() }), listening(t, { services: services() })])
  const progress = heard()

  t.true(await pingOf(dialler).ping(addressesOf(remote), progress.options) >= 0)

  t.is(dialler.getConnections(remote.peerId).length, 1)
  t.true(progress.types.includes('dial-queue:start-dial'))
})

contract('aborting a ping aborts its dial', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], services: services() }), unreachablePeer()])
  const controller = new AbortController()
  const reason = new Error('because')
  const pinged = rejection(pingOf(dialler).ping(at, { signal: controller.signal }))
  await until(() => wire.dials.length, count => count === 1)

  controller.abort(reason)

  t.is(await pinged, reason)
  t.true(wire.dials[0]?.signal.aborted)
})

contract('ping of a peer that cannot be dialled rejects with the error of the dial', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { at }, peer] = await Promise.all([node({ transports: [wire.transport], services: { ping: ping() } }), unreachablePeer(), newPeer()])

  await t.throwsAsync(pingOf(dialler).ping(at), { message: `failed ${at}` })
  await t.throwsAsync(pingOf(dialler).ping(peer), { name: 'NoValidAddressesError' })
})

contract('identify runs on a dialled connection, on both sides', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node({ listen: ['/ip4/127.0.0.1/tcp/0'], services: services() }), listening(t, { services: services() })])
  await dialler.dial(addressesOf(remote))

  for (const [one, other] of [[dialler, remote], [remote, dialler]] as const) {
    t.true((await until(async () => storedOf(one, other), ({ protocols }) => protocols.includes(PING))).protocols.includes(PING))
  }
})

contract('a node dials a peer back by the addresses that identify stored', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node({ listen: ['/ip4/127.0.0.1/tcp/0'], services: services() }), listening(t, { services: services() })])
  const connection = await remote.dial(addressesOf(dialler))
  await until(async () => storedOf(dialler, remote), ({ addresses }) => addresses.length > 0)
  await connection.close()
  await until(() => dialler.getConnections(remote.peerId).length, count => count === 0)

  leadsTo(t, await dialler.dial(remote.peerId), remote)
})

contract('the DHT finds a peer through another one, and the peer is dialled by its id', async (t, { node }) => {
  const [dialler, middle, remote] = await Promise.all([node({ services: services() }), listening(t, { services: services() }), listening(t, { services: services() })])
  await dialler.dial(middle.getMultiaddrs())
  t.is(await until(() => known(dialler), size => size === 1), 1)
  // the DHT first refreshes its table once by itself, which must end before the other peer joins
  await t.throwsAsync(dialler.peerRouting.findPeer(await newPeer()), { name: 'NotFoundError' })
  await remote.dial(middle.getMultiaddrs())
  t.is(await until(() => known(middle), size => size === 1), 1)

  leadsTo(t, await dialler.dial(remote.peerId), remote)
})

function pingOf (node: Libp2p<any>): { ping (target: unknown, options?: object): Promise<number> } {
  return node.services.ping
}

function known (node: Libp2p<any>): number {
  return node.services.dht.routingTable.size
}

async function storedOf (node: Libp2p, { peerId }: Libp2p): Promise<Pick<Peer, 'protocols' | 'addresses'>> {
  return node.peerStore.get(peerId).catch(() => ({ protocols: [], addresses: [] }))
}
