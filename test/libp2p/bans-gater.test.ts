import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { addressBook } from '../../src/address-book/index.ts'
import { attach } from '../../src/index.ts'
import { HOUR, isLetIn, LOOPBACK, scene } from './banning.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'
import type { AddressBook } from '../../src/address-book/index.ts'
import type { Dialer } from '../../src/index.ts'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'

test('the node\'s own gater is still asked and not modified', async t => {
  class Counting {
    readonly #asked: string[] = []
    get asked (): string[] { return this.#asked }
    denyInboundConnection (): boolean { this.#asked.push('inbound'); return false }
    async denyInboundEncryptedConnection (): Promise<boolean> { this.#asked.push('encrypted'); return false }
  }
  const gater = new Counting()
  const { node, dialer, peer } = await scene(t, staggered, { connectionGater: gater })
  const neighbour = await dialling(t, staggered(), { listen: LOOPBACK, connectionGater: gater })
  await dialer.ban(peer.peerId, { for: HOUR })

  t.false(await isLetIn(peer, node))
  t.deepEqual(gater.asked, ['inbound'])
  t.true(await isLetIn(peer, neighbour))
  t.deepEqual(gater.asked, ['inbound', 'inbound', 'encrypted'])

  // a banned network gets no negotiation
  await dialer.ban('127.0.0.0/8', { for: HOUR })
  t.false(await isLetIn(peer, node))
  t.deepEqual(gater.asked, ['inbound', 'inbound', 'encrypted'])
  t.deepEqual(Object.keys(gater), [])
})

test('the node\'s own gater can still deny', async t => {
  const { node, peer } = await scene(t, staggered, { connectionGater: { denyInboundEncryptedConnection: () => true } })
  t.false(await isLetIn(peer, node))
})

test('detach() restores the node\'s own gater, and a later dialer bans again', async t => {
  const gater: ConnectionGater = {}
  const [node, peer] = await Promise.all([listening(t, { listen: LOOPBACK, connectionGater: gater }), listening(t)])
  // `any`: the members that the test reads are not in the public type
  const current = (): ConnectionGater => (node as any).components.connectionGater
  const before = current()

  for (let i = 0; i < 2; i++) {
    const dialer = attach(node, staggered())
    t.not(current(), before)
    await dialer.ban(peer.peerId, { for: HOUR })
    t.false(await isLetIn(peer, node))

    dialer.detach()
    dialer.detach()
    t.is(current(), before)
    t.true(await isLetIn(peer, node))
  }

  t.deepEqual(Object.keys(gater), [])
})

for (const [what, deny] of [
  ['ban of the address', async dialer => { await dialer.ban('127.0.0.0/8', { for: HOUR }) }],
  ['ban of the peer', async (dialer, peer) => { await dialer.ban(peer.peerId, { for: HOUR }) }],
  ['gater\'s no to the address', (_dialer, _peer, gater) => { gater.denyDialMultiaddr = () => true }],
  ['gater\'s later no to the address', (_dialer, _peer, gater) => { gater.denyDialMultiaddr = async () => true }],
  ['gater\'s no to the peer', (_dialer, _peer, gater) => { gater.denyDialPeer = async () => true }],
  ['gater\'s no after the handshake', (_dialer, _peer, gater) => { gater.denyOutboundEncryptedConnection = async () => true }],
  ['gater\'s no to the connection', (_dialer, _peer, gater) => { gater.denyOutboundUpgradedConnection = async () => true }]
] as ReadonlyArray<[string, (dialer: Dialer, peer: Libp2p, gater: ConnectionGater) => Promise<void> | void]>) {
  test(`a pinned address is dialled again after a ${what} ends`, async t => {
    const gater: ConnectionGater = { denyDialMultiaddr: () => false }
    const { node, dialer, peer, clock } = await scene(t, adaptive, { connectionGater: gater, services: { addressBook: addressBook() } })
    const { addressBook: book } = node.services as unknown as { addressBook: AddressBook }
    const owner = book.owner('replication')
    const pins = [owner.pin(peer.peerId, { addresses: addressesOf(peer), ttl: 24 * HOUR }), owner.pin(peer.peerId)]
    const known = book.query(peer.peerId)
    await deny(dialer, peer, gater)

    for (let i = 0; i < 3; i++) {
      await t.throwsAsync(node.dial(peer.peerId))
    }

    t.deepEqual(pins.map(({ state }) => state), ['held', 'held'])
    t.deepEqual(book.query(peer.peerId), known)

    Object.keys(gater).forEach(hook => { gater[hook as keyof ConnectionGater] = () => false })

    if (dialer.bans.list().length > 0) {
      await clock.advance(HOUR)
    }

    leadsTo(t, await node.dial(peer.peerId), peer)
    t.deepEqual(pins.map(({ state }) => state), ['held', 'held'])
  })
}
