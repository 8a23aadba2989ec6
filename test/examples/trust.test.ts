import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { addressBook, sealRecord } from 'libp2p-dial-pipeline/address-book'
import { candidate } from 'libp2p-dial-pipeline/stages'
import { banList } from '../../examples/ban.ts'
import { dialByRecord, startCertifiedAndConfigured, startCertifiedOnly } from '../../examples/certified-only.ts'
import { isLocal, startLanOnly } from '../../examples/lan-only.ts'
import { startPersistent } from '../../examples/persist.ts'
import { pinPeers } from '../../examples/pins.ts'
import { fetchRecord, serveRecord } from '../../examples/publish-record.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { listening } from '../libp2p/kit.ts'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const options = {
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux({ enableKeepAlive: false })],
  connectionMonitor: { enabled: false }
}
const [one, two] = ['/ip4/198.51.100.7/tcp/1', '/ip4/198.51.100.8/tcp/1'].map(text => multiaddr(text)) as [ReturnType<typeof multiaddr>, ReturnType<typeof multiaddr>]

/** Stops a node at the end of its test */
function stopping<Node extends Libp2p<any>> (t: ExecutionContext, node: Node): Node {
  t.teardown(async () => { await node.stop() })

  return node
}

/** Starts a listening node with an address book */
async function known (t: ExecutionContext, privateKey?: PrivateKey) {
  return listening(t, { privateKey, listen: ['/ip4/127.0.0.1/tcp/0'], services: { addressBook: addressBook() } })
}

test('a certified-only node dials a peer by its record, and not at an address without a record', async t => {
  const [alice, bob] = [await known(t), stopping(t, await startCertifiedOnly(options))]
  const { envelope } = await alice.services.addressBook.ownRecord()

  await t.throwsAsync(bob.dial(alice.getMultiaddrs()), { name: 'NoValidAddressesError' })
  t.is((await dialByRecord(bob, alice.peerId, envelope)).status, 'open')
})

test('dialByRecord() dials at the addresses of a newer record when it gets an older one', async t => {
  const key = await generateKeyPair('Ed25519')
  const [alice, bob] = [await known(t, key), stopping(t, await startCertifiedOnly(options))]
  await bob.services.addressBook.consumeRecord((await alice.services.addressBook.ownRecord()).envelope)

  t.is((await dialByRecord(bob, alice.peerId, await sealRecord(key, { seq: 1n, multiaddrs: [one] }))).status, 'open')
})

test('dialByRecord() throws for the record of another peer', async t => {
  const [alice, eve, bob] = [await known(t), await known(t), stopping(t, await startCertifiedOnly(options))]
  const { envelope } = await eve.services.addressBook.ownRecord()

  await t.throwsAsync(dialByRecord(bob, alice.peerId, envelope), { message: /^Cannot dial .* by its record: / })
})

test('a certified-and-configured node dials addresses of the user, and none that only the DHT names', async t => {
  const [alice, bob] = [await known(t), stopping(t, await startCertifiedAndConfigured(options))]
  bob.services.addressBook.observe(alice.peerId, alice.getMultiaddrs(), { source: 'dht' })

  await t.throwsAsync(bob.dial(alice.peerId), { name: 'NoValidAddressesError' })
  t.is((await bob.dial(alice.getMultiaddrs().map(address => multiaddr(address.toString())))).status, 'open')
})

test('fetchRecord() takes the record that serveRecord() serves into the address book', async t => {
  const [alice, bob] = [await known(t), await known(t)]
  await serveRecord(alice)
  const { status } = await fetchRecord(bob, alice.peerId, alice.getMultiaddrs(), AbortSignal.timeout(10_000))

  t.is(status, 'accepted')
  t.true(bob.services.addressBook.query(alice.peerId).some(({ provenance }) => provenance.some(({ source }) => source === 'certified')))
})

test('fetchRecord() refuses the record of another peer than was asked for', async t => {
  const [alice, bob] = [await known(t), await known(t)]
  await serveRecord(alice)

  t.is((await fetchRecord(bob, await newPeer(), alice.getMultiaddrs(), AbortSignal.timeout(10_000))).status, 'refused')
})

test('pinPeers() pins each peer until it is disposed of', async t => {
  const { services: { addressBook: book } } = await known(t)
  const peers = [await newPeer(), await newPeer()]
  const usage = () => book.owner('replication').usage.peers

  {
    using pins = pinPeers(book, 'replication', peers, () => { t.fail() })
    t.is(usage(), 2)
    t.is(pins.renew(), 2)
  }

  t.is(usage(), 0)
})

test('pinPeers() reports the peer whose pin is evicted for a newer pin', async t => {
  const { services } = await listening(t, { services: { addressBook: addressBook({ pins: { owners: { cache: { maxPeers: 1, evict: 'oldest' } } } }) } })
  const [first, second] = [await newPeer(), await newPeer()]
  const revoked: string[] = []
  const pins = pinPeers(services.addressBook, 'cache', [first], peer => { revoked.push(peer.toString()) })
  pinPeers(services.addressBook, 'cache', [second], () => { t.fail() })

  t.deepEqual(revoked, [first.toString()])
  t.is(pins.renew(), 0)
})

test('pinPeers() releases what it has pinned when a peer is over the quota', async t => {
  const { services } = await listening(t, { services: { addressBook: addressBook({ pins: { owners: { cache: { maxPeers: 1 } } } }) } })
  const peers = [await newPeer(), await newPeer()]

  t.throws(() => pinPeers(services.addressBook, 'cache', peers, () => { t.fail() }), { name: 'PinQuotaExceededError' })
  t.is(services.addressBook.owner('cache').usage.pins, 0)
})

test('banList() bans each line, and reports a line that cannot be banned', async t => {
  const bob = stopping(t, await startCertifiedOnly(options))
  const failed: string[] = []
  const text = '# a comment\n203.0.113.0/24\n\n198.51.100.7 # noisy\n/tcp/4001\n'

  t.is(await banList(bob.services.dialer, text, { for: 60_000, onError: line => { failed.push(line) } }), 2)
  t.deepEqual(bob.services.dialer.bans.list().map(({ target }) => target.toString()), ['203.0.113.0/24', '198.51.100.7'])
  t.deepEqual(failed, ['/tcp/4001'])
})

test('a persistent node knows its bans and addresses in its next life', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'persist-'))
  t.teardown(async () => { await rm(folder, { recursive: true }) })
  const peer = await newPeer()
  const first = await startPersistent(folder, options)
  first.node.services.addressBook.observe(peer, [one, two], { source: 'user' })
  await first.node.services.dialer.ban('203.0.113.0/24', { for: 60_000 })
  await first.stop()

  const second = await startPersistent(folder, options)
  t.teardown(second.stop)
  t.is(second.node.services.dialer.bans.list().length, 1)
  t.is(second.node.services.addressBook.query(peer).length, 2)
})

test('a persistent node that cannot start closes its folder', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'persist-'))
  t.teardown(async () => { await rm(folder, { recursive: true }) })

  await t.throwsAsync(startPersistent(folder, { ...options, transports: [() => { throw new Error('no transport') }] }), { message: 'no transport' })
  const { stop } = await startPersistent(folder, options)
  await t.notThrowsAsync(stop())
})

test('a LAN-only node dials a local address, and none outside of its network', async t => {
  const [alice, bob] = [await known(t), stopping(t, await startLanOnly(options))]

  await t.throwsAsync(bob.dial(one), { name: 'NoValidAddressesError', message: /not in the local network/ })
  t.is((await bob.dial(alice.getMultiaddrs())).status, 'open')
})

for (const [text, expected] of Object.entries({
  '/ip4/192.168.1.7/tcp/1': true,
  '/ip4/127.0.0.1/tcp/1': true,
  '/ip6/fe80::1/tcp/1': true,
  '/dns4/printer.lan/tcp/1': true,
  '/ip4/8.8.8.8/tcp/1': false,
  '/dns4/example.com/tcp/443/wss': false,
  '/ip4/192.168.1.7/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit': false
})) {
  test(`isLocal() is ${expected} for ${text}`, t => {
    t.is(isLocal(candidate(multiaddr(text))), expected)
  })
}

test('a LAN-only node refuses an inbound connection from outside of its network', async t => {
  let connectionGater: ConnectionGater = {}
  const node = await startLanOnly({
    ...options,
    transports: [components => {
      connectionGater = (components as any).connectionGater
      return tcp()(components)
    }]
  })
  stopping(t, node)

  t.true(await connectionGater.denyInboundConnection?.({ remoteAddr: one } as any))
  t.false(await connectionGater.denyInboundConnection?.({ remoteAddr: multiaddr('/ip4/10.0.0.7/tcp/1') } as any))
})
