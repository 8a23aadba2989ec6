// an address that a program gets from the node and dials keeps its sources
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { addressBook, withProvenance, withSource } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { fromCaller, fromRouting, dialable, pipeline, provenance, race } from '../../src/stages/index.ts'
import { Finder, plain, RouterService } from './attribution-scene.ts'
import { addressesOf, leadsTo, listening } from './kit.ts'
import type { Libp2p, PeerId, PeerInfo, PeerRouting } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

interface Scene {
  node: Libp2p<any>
  remote: Libp2p
  tracker: Finder
  /** Returns a new object with the remote's address, which the node has not returned */
  address (): Multiaddr
  info (): PeerInfo
}

/** A node that hears of another from a tracker, a router and identify. It dials only passed addresses */
async function scene (t: ExecutionContext): Promise<Scene> {
  const remote = await listening(t, { services: { identify: identify() } })
  const [tracker, router] = [new Finder('tracker'), new RouterService()]
  const address = (): Multiaddr => multiaddr(plain(addressesOf(remote)[0]).toString())
  const info = (): PeerInfo => ({ id: remote.peerId, multiaddrs: [address()] })
  router.router.infos.push(info)
  const node = await listening(t, withProvenance({
    peerDiscovery: [withSource('tracker', () => tracker)],
    services: { router: () => router, identify: identify(), dialer: dialer(pipeline(fromCaller(), provenance(), dialable(), race())) }
  }) as object) as any

  return { node, remote, tracker, address, info }
}

/** Dials the addresses in the next event of a type, directly in its listener */
async function dialledFrom ({ node }: Scene, type: string, addressesIn: (detail: any) => Multiaddr[], options: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    node.addEventListener(type as any, ({ detail }) => { node.dial(addressesIn(detail), options).then(resolve, reject) }, { once: true })
  })
}

const stored = async ({ node, remote }: Scene): Promise<Multiaddr[]> => (await node.peerStore.get(remote.peerId)).addresses.map(({ multiaddr }: any) => multiaddr)
const booked = ({ node, remote }: Scene): Multiaddr[] => node.services.addressBook.query(remote.peerId).map(({ multiaddr }: any) => multiaddr)

/** The source of an address by the way in which the program got it, and a dial of it */
const FORMS: Record<string, [from: string, dial: (scene: Scene, options: object) => Promise<unknown>]> = {
  'a peer:discovery event': ['tracker', async (made, options) => {
    const dial = dialledFrom(made, 'peer:discovery', detail => detail.multiaddrs, options)
    made.tracker.find(made.info())

    return dial
  }],
  'a peer:update event': ['tracker', async (made, options) => {
    const dial = dialledFrom(made, 'peer:update', detail => detail.peer.addresses.map((one: any) => one.multiaddr), options)
    made.tracker.find(made.info())

    return dial
  }],
  'a peer:identify event': ['identify', async (made, options) => {
    const dial = dialledFrom(made, 'peer:identify', detail => detail.listenAddrs, { ...options, force: true })
    const connecting = made.remote.dial(addressesOf(made.node))

    return Promise.all([dial, connecting])
  }],
  'the answer of a router': ['routing', async ({ node, remote }, options) => node.dial((await node.peerRouting.findPeer(remote.peerId)).multiaddrs, options)],
  'the peer store': ['routing', async (made, options) => {
    await made.node.peerRouting.findPeer(made.remote.peerId)

    return made.node.dial(await stored(made), options)
  }],
  'the progress of a dial': ['routing', async (made, options) => {
    let shown: Multiaddr[] = []
    await made.node.peerRouting.findPeer(made.remote.peerId)
    await made.node.dial(await stored(made), { onProgress: ({ type, detail }: any) => { shown = type === 'dial-queue:calculated-addresses' ? detail.map((one: any) => one.multiaddr) : shown } })

    return made.node.dial(shown, { ...options, force: true })
  }],
  'the connection of a dial': ['routing', async (made, options) => {
    await made.node.peerRouting.findPeer(made.remote.peerId)

    return made.node.dial((await made.node.dial(await stored(made))).remoteAddr, { ...options, force: true })
  }],
  'the address book': ['routing', async (made, options) => {
    await made.node.peerRouting.findPeer(made.remote.peerId)

    return made.node.dial(booked(made), options)
  }]
}

for (const [what, [source, dial]] of Object.entries(FORMS)) {
  test(`an address taken from ${what} and dialled keeps its source`, async t => {
    await t.throwsAsync(dial(await scene(t), { provenance: ['user'] }), { name: 'NoValidAddressesError', message: new RegExp(`dropped by provenance: from [a-z, ]*${source}`) })
    await t.notThrowsAsync(dial(await scene(t), { provenance: [source] }))
    await t.notThrowsAsync(dial(await scene(t), { provenance: ['user'], source: 'user' }))
  })
}

test('a copied multiaddr counts as user-given', async t => {
  const { node, remote } = await scene(t)
  const [first] = (await node.peerRouting.findPeer(remote.peerId)).multiaddrs as [Multiaddr]
  const copies: Record<string, Multiaddr> = { text: multiaddr(String(first)), suffix: first.encapsulate(`/p2p/${remote.peerId}`) }

  for (const [what, copy] of Object.entries(copies)) {
    leadsTo(t, await node.dial(copy, { provenance: ['user'], force: true }), remote)
    await t.throwsAsync(node.dial(copy, { provenance: ['routing'], force: true }), { name: 'NoValidAddressesError' }, what)
  }
})

test('a user-given address stays user-given wherever the program takes it from', async t => {
  const made = await scene(t)
  const { node, remote, address } = made
  await node.peerRouting.findPeer(remote.peerId)
  await node.peerStore.merge(remote.peerId, { multiaddrs: [address()] })

  for (const addresses of [await stored(made), booked(made), (await node.peerRouting.findPeer(remote.peerId)).multiaddrs]) {
    leadsTo(t, await node.dial(addresses, { provenance: ['user'], force: true }), remote)
  }
})

test('a stored address without reports has the source peer-store', async t => {
  const made = await scene(t)
  await made.node.peerRouting.findPeer(made.remote.peerId)
  made.node.services.addressBook.removeReports('routing')

  await t.throwsAsync(made.node.dial(await stored(made), { provenance: ['user', 'routing'] }), { message: /dropped by provenance: from peer-store, / })
  leadsTo(t, await made.node.dial(await stored(made), { provenance: ['peer-store'] }), made.remote)
})

test('a user-given address taken from its connection stays user-given', async t => {
  const { node, remote, address } = await scene(t)
  const connection = await node.dial(address().encapsulate(`/p2p/${remote.peerId}`))

  leadsTo(t, await node.dial(connection.remoteAddr, { provenance: ['user'], force: true }), remote)
})

test('the remote address of an inbound connection is not user-given', async t => {
  const { node, remote } = await scene(t)
  const opened = new Promise<any>(resolve => { node.addEventListener('connection:open', ({ detail }) => { resolve(detail) }, { once: true }) })
  await remote.dial(addressesOf(node))

  await t.throwsAsync(node.dial((await opened).remoteAddr, { provenance: ['user'], force: true }), { message: /dropped by provenance: from observed, not from 'user'/ })
})

test('a router may return addresses that it got from the node, also of an earlier connection', async t => {
  const remote = await listening(t)
  const router = { findPeer: async (id: PeerId): Promise<PeerInfo> => ({ id, multiaddrs: node.services.addressBook.query(id).map(({ multiaddr }: any) => multiaddr) }) }
  const node: Libp2p<any> = await listening(t, {
    peerRouters: [() => router as PeerRouting],
    services: { addressBook: addressBook(), dialer: dialer(pipeline(fromRouting({ when: 'always' }), race())) }
  })
  await node.dial(addressesOf(remote), { pipeline: pipeline(fromCaller(), race()) })
  await node.hangUp(remote.peerId)

  leadsTo(t, await node.dial(remote.peerId), remote)
})
