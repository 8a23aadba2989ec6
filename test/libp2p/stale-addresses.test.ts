import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerDiscoverySymbol } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import { TypedEventEmitter } from 'main-event'
import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { refused } from '../helpers/refused.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'
import type { PeerDiscovery, PeerDiscoveryEvents, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const portOf = (address: Multiaddr): string => address.getComponents().find(({ name }) => name === 'tcp')?.value ?? ''
const dead = async (count: number): Promise<Multiaddr[]> => Promise.all(Array.from({ length: count }, async () => (await refused()).multiaddr))

/** A peer discovery like mDNS, which finds what the test names. libp2p writes its finds to the peer store */
class FakeMdns extends TypedEventEmitter<PeerDiscoveryEvents> implements PeerDiscovery {
  readonly [peerDiscoverySymbol] = this
  readonly [Symbol.toStringTag] = 'fake-mdns'

  found (id: PeerId, multiaddrs: Multiaddr[]): void {
    this.safeDispatchEvent('peer', { detail: { id, multiaddrs } })
  }
}

for (const [name, preset] of Object.entries({ adaptive, staggered })) {
  test(`${name}() connects at the first dial after a peer is back, although seven addresses refuse`, async t => {
    const privateKey = await generateKeyPair('Ed25519')
    const [node, first] = await Promise.all([dialling(t, preset()), listening(t, { privateKey })])
    const port = portOf(addressesOf(first)[0])
    await node.dial(addressesOf(first))
    await node.peerStore.merge(first.peerId, { multiaddrs: await dead(7) })
    await first.stop()
    await node.hangUp(first.peerId)

    for (let i = 0; i < 3; i++) {
      await t.throwsAsync(node.dial(first.peerId))
    }

    const second = await listening(t, { privateKey, listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    leadsTo(t, await node.dial(first.peerId), second)
  })

  test(`${name}() connects at the first dial after a restart, although the stored history has only failures`, async t => {
    const [privateKey, own] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
    const datastore = new MemoryDatastore()
    const start = async () => dialling(t, preset(), { privateKey: own, datastore, dialerInit: { history: { persist: true } } })
    const [before, first] = await Promise.all([start(), listening(t, { privateKey })])
    const port = portOf(addressesOf(first)[0])
    await before.dial(addressesOf(first))
    await before.peerStore.merge(first.peerId, { multiaddrs: await dead(3) })
    await first.stop()
    await before.hangUp(first.peerId)

    for (let i = 0; i < 10; i++) {
      await t.throwsAsync(before.dial(first.peerId, { force: true }))
    }

    await before.stop()
    const second = await listening(t, { privateKey, listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    leadsTo(t, await (await start()).dial(first.peerId), second)
  })

  test(`${name}() connects to a peer that mDNS finds where another peer answered twelve times`, async t => {
    const privateKey = await generateKeyPair('Ed25519')
    const peerId = peerIdFromPrivateKey(privateKey)
    const mdns = new FakeMdns()
    const [node, other, stale] = await Promise.all([dialling(t, preset(), { peerDiscovery: [() => mdns] }), listening(t), dead(3)])
    const [address] = addressesOf(other)
    const bare = `/ip4/127.0.0.1/tcp/${portOf(address)}`

    for (let i = 0; i < 12; i++) {
      await t.throwsAsync(node.dial(address.decapsulateCode(421).encapsulate(`/p2p/${peerId}`)))
    }

    await other.stop()
    const mine = await listening(t, { privateKey, listen: [bare] })
    await Promise.all(stale.map(async one => t.throwsAsync(node.dial(one.encapsulate(`/p2p/${peerId}`)))))
    await node.peerStore.merge(peerId, { multiaddrs: stale })
    const known = new Promise(resolve => { node.addEventListener('peer:update', resolve, { once: true }) })
    mdns.found(peerId, addressesOf(mine))
    await known

    leadsTo(t, await node.dial(peerId), mine)
  })
}
