import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { createLibp2p } from 'libp2p'
import { adaptive } from '../../presets/index.ts'
import { withProvenance } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { plain } from './attribution-scene.ts'
import { addressesOf, leadsTo, listening, texts } from './kit.ts'
import type { Dialer } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

const stack = { transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionMonitor: { enabled: false } }

/** A node that announces another address than its own */
async function elsewhere (t: ExecutionContext): Promise<{ remote: Libp2p, given: Multiaddr }> {
  const remote = await listening(t, { services: { identify: identify() }, addresses: { announce: ['/ip4/127.0.0.1/tcp/1'] } })
  const [given] = (remote as any).components.transportManager.getAddrs()

  return { remote, given }
}

/** Stores a node's address at another, dials it, waits for identify, and hangs up */
async function meet (node: Libp2p, remote: Libp2p, given: Multiaddr): Promise<string[]> {
  const identified = new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })

  await node.peerStore.merge(remote.peerId, { multiaddrs: [given] })
  await node.dial(remote.peerId)
  await identified
  await node.hangUp(remote.peerId)

  const { addresses } = await node.peerStore.get(remote.peerId)

  return texts(addresses.map(({ multiaddr }) => plain(multiaddr))).toSorted((a, b) => a.localeCompare(b))
}

test('libp2p alone drops a user-given address when identify reports another', async t => {
  const { remote, given } = await elsewhere(t)
  const node = await listening(t, { ...stack, listen: [], services: { identify: identify() } })

  t.deepEqual(await meet(node, remote, given), ['/ip4/127.0.0.1/tcp/1'])
  await t.throwsAsync(node.dial(remote.peerId), { name: 'Error' })
})

for (const [name, services] of [['libp2p\'s dialer', {}], ['the dial pipeline', { dialer: dialer(adaptive()) }]] as const) {
  test(`with withProvenance(), a user-given address survives identify and is dialled by ${name}`, async t => {
    const { remote, given } = await elsewhere(t)
    const node = await createLibp2p(withProvenance({ ...stack, services: { identify: identify(), ...services } }))
    t.teardown(async () => { await node.stop() })

    t.deepEqual(await meet(node, remote, given), ['/ip4/127.0.0.1/tcp/1', `${given}`])

    const connection = await node.dial(remote.peerId)
    leadsTo(t, connection, remote)
    t.is(plain(connection.remoteAddr).toString(), `${given}`)

    const book = Object.fromEntries(node.services.addressBook.query(remote.peerId).map(({ multiaddr, provenance }) => [
      plain(multiaddr).toString(),
      provenance.map(({ source }) => source).toSorted()
    ]))
    t.deepEqual(book, {
      [given.toString()]: ['dialled', 'user'],
      '/ip4/127.0.0.1/tcp/1': ['certified', 'identify']
    })
  })
}

/** Resolves when a node has identified a peer */
async function identified (node: Libp2p): Promise<void> {
  await new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })
}

for (const withBook of [false, true]) {
  test(`a peer that moved and identified is not dialled at its old address, ${withBook ? 'with' : 'without'} an address book`, async t => {
    const privateKey = await generateKeyPair('Ed25519')
    const start = async (): Promise<Libp2p> => listening(t, { privateKey, services: { identify: identify() } })
    const options = { ...stack, addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] }, services: { identify: identify(), dialer: dialer(adaptive()) } }
    const node: Libp2p<{ dialer: Dialer }> = withBook ? await createLibp2p(withProvenance(options)) : await createLibp2p(options)
    t.teardown(async () => { await node.stop() })
    const before = await start()
    const [old] = addressesOf(before)
    await Promise.all([identified(node), node.dial(old)])
    // closes the connection, because the address of an open one stays in use whatever the peer announces
    await Promise.all([new Promise(resolve => { node.addEventListener('connection:close', resolve, { once: true }) }), before.stop()])

    const after = await start()
    await Promise.all([identified(node), after.dial(addressesOf(node))])
    await node.hangUp(after.peerId)
    const connection = await node.dial(after.peerId)

    t.is(`${connection.remoteAddr}`, `${addressesOf(after)[0]}`)
    t.false(node.services.dialer.explain(after.peerId).includes(`${plain(old)}`))
  })
}

for (const isConnected of [true, false]) {
  test(`a peer deleted from the peer store ${isConnected ? 'while it is connected' : 'later'} is forgotten and not dialled`, async t => {
    const remote = await listening(t, { services: { identify: identify() } })
    const node = await createLibp2p(withProvenance({ ...stack, services: { identify: identify(), dialer: dialer(adaptive()) } }))
    t.teardown(async () => { await node.stop() })
    const identified = new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })
    await node.dial(addressesOf(remote))
    await identified
    const steps = [async () => node.peerStore.delete(remote.peerId), async () => node.hangUp(remote.peerId)]

    for (const step of isConnected ? steps : steps.toReversed()) {
      await step()
    }

    t.deepEqual(node.services.addressBook.query(remote.peerId), [])
    await t.throwsAsync(node.dial(remote.peerId), { name: 'NoValidAddressesError' })
  })
}

test('identify removes addresses that only a router reported', async t => {
  const { remote, given } = await elsewhere(t)
  const router = { findPeer: async () => ({ id: remote.peerId, multiaddrs: [multiaddr(given.toString())] }) } as any
  const node = await createLibp2p(withProvenance({ ...stack, peerRouters: [() => router], services: { identify: identify() } }))
  t.teardown(async () => { await node.stop() })

  await node.peerRouting.findPeer(remote.peerId)
  const identified = new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })
  await node.dial(remote.peerId)
  await identified

  t.deepEqual((await node.peerStore.get(remote.peerId)).addresses.map(({ multiaddr }) => multiaddr.toString()), ['/ip4/127.0.0.1/tcp/1'])
})

test('stop() leaves no listener of withProvenance(), and start() resumes attribution', async t => {
  const { remote, given } = await elsewhere(t)
  const events = ['peer:update', 'peer:discovery', 'peer:identify', 'connection:open', 'connection:close', 'self:peer:update', 'start', 'stop']
  const counts = (node: Libp2p): number[] => events.map(event => (node as any).components.events.listenerCount(event) + (node as any).listenerCount(event))

  const plain = await listening(t, { ...stack, listen: [], services: { identify: identify() } })
  const node = await createLibp2p(withProvenance({ ...stack, services: { identify: identify() } }))
  await Promise.all([plain.stop(), node.stop()])
  t.deepEqual(counts(node), counts(plain))

  await node.peerStore.merge(remote.peerId, { multiaddrs: [given] })
  t.deepEqual(node.services.addressBook.query(remote.peerId).map(({ provenance }) => provenance.map(({ source }) => source)), [['user']])

  await node.start()
  t.teardown(async () => { await node.stop() })
  await meet(node, remote, given)
  leadsTo(t, await node.dial(remote.peerId), remote)
  t.deepEqual(node.services.provenance.problems, [])
})
