import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import test from 'ava'
import { createLibp2p } from 'libp2p'
import { adaptive, certifiedFirst, certifiedOnly } from '../../presets/index.ts'
import { addressBook, sealRecord, withProvenance } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { dialable, fromAddressBook, fromCaller, gater, libp2pOrder, pipeline, provenance, race, sequential } from '../../src/stages/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { plain, RouterService } from './attribution-scene.ts'
import { addressesOf, attempted, leadsTo, listening, texts } from './kit.ts'
import type { Dialer, DialPipeline } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** A pipeline over all addresses of the book, with the provenance policy of the dial */
const picky = () => pipeline(fromCaller(), fromAddressBook(), provenance(), dialable(), gater(), libp2pOrder(), sequential(), race())

/** A node as in docs/reference/provenance.md */
async function knowing (t: ExecutionContext, dialPipeline: DialPipeline) {
  const node = await createLibp2p(withProvenance({
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { addressBook: addressBook(), dialer: dialer(dialPipeline), identify: identify() }
  }))
  t.teardown(async () => { await node.stop() })

  return node
}

/** Returns both addresses of a node without its peer id. libp2p's order has TCP first */
function both (node: Libp2p): [tcp: Multiaddr, ws: Multiaddr] {
  return [plain(addressesOf(node)[0]), plain(addressesOf(node, 'ws')[0])]
}

/** Returns the attempts of a node's latest dial, with their outcomes */
function attempts (dialer: Dialer, { peerId }: Libp2p): ReturnType<typeof attempted> {
  return dialer.traces(peerId).slice(-1).flatMap(attempted)
}

test('a dial accepts only its provenance, and explain() says why other addresses were not dialled', async t => {
  const [node, remote, reporter] = [await knowing(t, picky()), await listening(t), await newPeer()]
  const { addressBook: book, dialer } = node.services
  const [overTcp, overWs] = both(remote)
  book.observe(remote.peerId, overTcp, { source: 'dht', reporter })

  await t.throwsAsync(node.dial(remote.peerId, { provenance: ['user', 'certified'] }), { name: 'NoValidAddressesError', message: /1 dropped by provenance: from dht/ })
  t.regex(dialer.explain(remote.peerId, { width: 120 }), /tcp\/\d+ .*dropped by provenance: from dht, not from 'user', 'certified'$/m)

  book.observe(remote.peerId, overWs, { source: 'user' })
  const connection = await node.dial(remote.peerId, { provenance: ['user', 'certified'] })
  leadsTo(t, connection, remote)
  t.deepEqual(texts([plain(connection.remoteAddr)]), texts([overWs]))
  t.deepEqual(attempts(dialer, remote), [[`${overWs}/p2p/${remote.peerId}`, 'connected']])
  await connection.close()

  // the same peer without a policy
  const another = await node.dial(remote.peerId)
  t.deepEqual(texts([plain(another.remoteAddr)]), texts([overTcp]))
})

test('exclude drops a router\'s address in the peer store without attribution, and not one from fromRouting()', async t => {
  const remote = await listening(t)
  const router = new RouterService()
  router.router.infos.push(() => ({ id: remote.peerId, multiaddrs: [plain(addressesOf(remote)[0])] }))
  const node = await listening(t, { services: { router: () => router, dialer: dialer(adaptive()) } }) as any
  const policy = { provenance: { exclude: ['routing', 'dht'] } }

  await t.throwsAsync(node.dial(remote.peerId, policy), { name: 'NoValidAddressesError', message: /from routing, which is excluded/ })
  await node.peerRouting.findPeer(remote.peerId)
  t.deepEqual(texts((await node.peerStore.get(remote.peerId)).addresses.map((one: any) => one.multiaddr)), texts([plain(addressesOf(remote)[0])]))
  await t.throwsAsync(node.dial(remote.peerId, policy), { name: 'NoValidAddressesError', message: /from peer-store, and nobody knows who named it: withProvenance/ })
  leadsTo(t, await node.dial(addressesOf(remote), policy), remote)
})

test('a caller\'s address is user-given', async t => {
  const [node, remote] = [await knowing(t, picky()), await listening(t)]

  leadsTo(t, await node.dial(addressesOf(remote)[0], { provenance: ['user'] }), remote)
})

test('the provenance option rejects when no stage reads it', async t => {
  const [node, remote] = [await knowing(t, adaptive().without('provenance')), await listening(t)]

  await t.throwsAsync(node.dial(addressesOf(remote)[0], { provenance: ['user'] }), { name: 'UnsupportedDialOptionError' })
})

test('certifiedOnly() dials only addresses from a consumed record', async t => {
  const privateKey = await generateKeyPair('Ed25519')
  const [node, remote] = [await knowing(t, certifiedOnly()), await listening(t, { privateKey })]
  const { addressBook: book, dialer } = node.services
  const [overTcp, overWs] = both(remote)
  book.observe(remote.peerId, overTcp, { source: 'user' })
  await t.throwsAsync(node.dial(remote.peerId), { name: 'NoValidAddressesError', message: /1 dropped by certified: not in a signed peer record/ })

  t.is((await book.consumeRecord(await sealRecord(privateKey, { seq: 1n, multiaddrs: [overWs] }))).status, 'accepted')
  const connection = await node.dial(remote.peerId)
  leadsTo(t, connection, remote)
  t.deepEqual(texts([plain(connection.remoteAddr)]), texts([overWs]))
  t.deepEqual(attempts(dialer, remote).map(([id]) => id), [`${overWs}/p2p/${remote.peerId}`])
})

test('certifiedFirst() dials certified addresses, and hearsay only without any', async t => {
  const privateKey = await generateKeyPair('Ed25519')
  const [node, remote, stranger] = [await knowing(t, certifiedFirst()), await listening(t, { privateKey }), await listening(t)]
  const { addressBook: book } = node.services
  const [overTcp, overWs] = both(remote)
  book.observe(remote.peerId, overTcp, { source: 'dht' })
  await book.consumeRecord(await sealRecord(privateKey, { seq: 1n, multiaddrs: [overWs] }))
  t.deepEqual(texts([plain((await node.dial(remote.peerId)).remoteAddr)]), texts([overWs]))

  book.observe(stranger.peerId, both(stranger)[0], { source: 'dht' })
  leadsTo(t, await node.dial(stranger.peerId), stranger)
})

for (const [name, preset] of [['certifiedFirst', certifiedFirst], ['picky', picky]] as const) {
  test(`a user-given address is dialled after identify, beside the peer's own: ${name}`, async t => {
    const nowhere = await refused()
    const [node, remote] = [await knowing(t, preset()), await listening(t, { services: { identify: identify() }, addresses: { announce: [`${nowhere.multiaddr}`] } })]
    const given = (remote as any).components.transportManager.getAddrs()[0] as Multiaddr
    const identified = new Promise(resolve => { node.addEventListener('peer:identify', resolve, { once: true }) })

    await node.peerStore.merge(remote.peerId, { multiaddrs: [given] })
    await node.dial(remote.peerId)
    await identified
    await node.hangUp(remote.peerId)

    t.deepEqual(Object.fromEntries(node.services.addressBook.query(remote.peerId).map(({ multiaddr, provenance }) => [`${multiaddr}`, provenance.map(({ source }) => source).toSorted()])), {
      [`${given}`]: ['dialled', 'user'],
      [`${nowhere.multiaddr}`]: ['certified', 'identify']
    })

    const connection = await node.dial(remote.peerId, name === 'picky' ? { provenance: ['user'] } : {})
    leadsTo(t, connection, remote)
    t.is(`${plain(connection.remoteAddr)}`, `${given}`)
  })
}

test('stats() counts dialled and answered addresses by source', async t => {
  const nowhere = await refused()
  const [node, remote] = [await knowing(t, picky()), await listening(t)]
  const { addressBook: book } = node.services
  t.deepEqual(book.stats(), {})

  book.observe(remote.peerId, [nowhere.multiaddr, both(remote)[0]], { source: 'dht' })
  book.observe(remote.peerId, both(remote)[1], { source: 'mdns' })
  await node.dial(remote.peerId)
  t.deepEqual(attempts(node.services.dialer, remote).map(([, result]) => result), ['failed', 'connected'])
  t.deepEqual(book.stats().dht, { dialled: 2, answered: 1 })
  t.is(book.stats().mdns, undefined, 'nobody needed that')
})

test('an address where another peer answers is not dialled from the book again, and its pin is held', async t => {
  const [node, other, claimed] = [await knowing(t, picky()), await listening(t), await newPeer()]
  const { addressBook: book } = node.services
  const address = both(other)[0]
  book.observe(claimed, address, { source: 'dht' })
  const pin = book.owner('test').pin(claimed, { addresses: [address] })
  t.is(pin.state, 'held')

  await t.throwsAsync(node.dial(claimed), { name: 'EncryptionFailedError' })
  t.deepEqual(book.query(claimed), [])
  await t.throwsAsync(node.dial(claimed), { name: 'NoValidAddressesError' })
  t.is(pin.state, 'held')
  t.is(node.getConnections().length, 0)

  // a wrong peer does not suspend the user's report
  book.observe(claimed, address, { source: 'user' })
  await t.throwsAsync(node.dial(claimed), { name: 'EncryptionFailedError' })
  t.is(book.query(claimed).length, 1)
})
