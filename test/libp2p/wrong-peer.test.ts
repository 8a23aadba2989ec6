import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { addressBook, sealRecord, withProvenance } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'
import type { AddressBook } from '../../src/address-book/index.ts'

// libp2p 3.3 accepts any peer when the wanted id is only the hash of a key, like those of RSA keys
test('another peer at the address of an RSA peer is not accepted', async t => {
  const [node, remote, key] = await Promise.all([dialling(t, staggered()), listening(t), generateKeyPair('RSA')])
  const [address] = addressesOf(remote)
  const wanted = peerIdFromPrivateKey(key)
  const claimed = address.decapsulate('/p2p').encapsulate(`/p2p/${wanted}`)

  await t.throwsAsync(node.dial(claimed), { name: 'UnexpectedPeerError', message: new RegExp(`^Dialed peer ${wanted} but connected to ${remote.peerId}`) })
  t.is(await until(() => node.getConnections().length, count => count === 0), 0)
  t.is(await until(() => remote.getConnections().length, count => count === 0), 0)
})

test('an RSA peer is accepted', async t => {
  const privateKey = await generateKeyPair('RSA')
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t, { privateKey })])

  t.true((await node.dial(addressesOf(remote)[0])).remotePeer.equals(peerIdFromPrivateKey(privateKey)))
})

const HOUR = 3_600_000

/** Two nodes that listen at one address in turn: `own` is the peer of the key */
async function inTurn (t: ExecutionContext, privateKey: PrivateKey): Promise<{ address: Multiaddr, own: () => Promise<Libp2p> }> {
  const other = await listening(t, { listen: ['/ip4/127.0.0.1/tcp/0'] })
  const address = addressesOf(other)[0].decapsulate('/p2p')

  return {
    address,
    own: async () => {
      await other.stop()

      return listening(t, { privateKey, listen: [address.toString()] })
    }
  }
}

const KNOWN: Record<string, (book: AddressBook, key: PrivateKey, address: Multiaddr) => unknown> = {
  'a record': async (book, key, address) => book.consumeRecord(await sealRecord(key, { seq: 1n, multiaddrs: [address] })),
  identify: (book, key, address) => book.observe(peerIdFromPrivateKey(key), address, { source: 'identify', ttl: 2 * HOUR }),
  'a source of the application': (book, key, address) => book.observe(peerIdFromPrivateKey(key), address, { source: 'tracker', ttl: 2 * HOUR }),
  'a pin': (book, key, address) => book.owner('app').pin(peerIdFromPrivateKey(key), { addresses: [address], ttl: 2 * HOUR })
}

for (const [what, know] of Object.entries(KNOWN)) {
  for (const isAttributed of [false, true]) {
    test(`a peer is dialled again where another peer answered an hour ago: known by ${what}${isAttributed ? ', with withProvenance()' : ''}`, async t => {
      const privateKey = await generateKeyPair('Ed25519')
      const peer = peerIdFromPrivateKey(privateKey)
      const clock = new VirtualClock(Date.now())
      const { address, own } = await inTurn(t, privateKey)
      const init = { listen: [], services: { dialer: dialer(adaptive()), addressBook: addressBook({ clock, ttl: { certified: 2 * HOUR } }) } }
      const node = isAttributed ? await listening(t, withProvenance(init)) : await listening(t, init)
      await know(node.services.addressBook, privateKey, address)

      await t.throwsAsync(node.dial(peer), { name: 'EncryptionFailedError' })
      t.deepEqual(node.services.addressBook.query(peer), [])
      await clock.advance(HOUR + 1)
      const remote = await own()
      leadsTo(t, await node.dial(peer), remote)
    })
  }
}

test("libp2p's own dialer dials an address of the peer store again where another peer answered", async t => {
  const privateKey = await generateKeyPair('Ed25519')
  const peer = peerIdFromPrivateKey(privateKey)
  const [node, { address, own }] = await Promise.all([listening(t, { listen: [] }), inTurn(t, privateKey)])
  await node.peerStore.merge(peer, { multiaddrs: [address] })
  await t.throwsAsync(node.dial(peer))
  const remote = await own()
  leadsTo(t, await node.dial(peer), remote)
})
