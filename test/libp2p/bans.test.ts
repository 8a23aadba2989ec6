import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { adaptive, staggered } from '../../presets/index.ts'
import { addressBook } from '../../src/address-book/index.ts'
import { attach } from '../../src/index.ts'
import { bans, filter, fromCaller, lookup, pipeline, race } from '../../src/stages/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { until } from '../helpers/open-handles.ts'
import { relayed } from '../helpers/relay.ts'
import { addressesOf, dialling, Gate, leadsTo, listening } from './kit.ts'
import { recordLogs } from './record-logs.ts'
import type { AddressBook } from '../../src/address-book/index.ts'
import type { BanOptions, BanTarget, Dialer } from '../../src/index.ts'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const HOUR = 3_600_000
const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

/** A listening node that bans, a peer of it, and another node */
async function scene (t: ExecutionContext, make = staggered as Parameters<typeof dialling>[1] | (() => Parameters<typeof dialling>[1]), options: Parameters<typeof dialling>[2] = {}): Promise<{ node: Libp2p<{ dialer: Dialer }>, dialer: Dialer, peer: Libp2p, other: Libp2p, clock: VirtualClock }> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const [node, peer, other] = await Promise.all([
    dialling(t, (make as () => any)(), { listen: LOOPBACK, ...options, dialerInit: { clock, ...options.dialerInit } }),
    listening(t, { listen: LOOPBACK }),
    listening(t, { listen: LOOPBACK })
  ])

  return { node, dialer: node.services.dialer, peer, other, clock }
}

async function isClosed (node: Libp2p, remote: Libp2p): Promise<boolean> {
  return (await until(() => node.getConnections(remote.peerId).length, count => count === 0)) === 0
}

/** Returns whether a node accepts the other. It denies after the handshake, when the dial may already have resolved */
async function isLetIn (from: Libp2p, to: Libp2p): Promise<boolean> {
  try {
    const connection = await from.dial(addressesOf(to))
    await until(() => connection.status !== 'open' || to.getConnections(from.peerId).length > 0, done => done)

    return to.getConnections(from.peerId).length > 0
  } catch {
    return false
  } finally {
    await Promise.all(from.getConnections(to.peerId).map(async connection => connection.close()))
    await isClosed(to, from)
  }
}

for (const [name, make] of [['staggered', staggered], ['a pipeline without gater()', () => pipeline(fromCaller(), race())], ['with bans()', () => pipeline(fromCaller(), bans(), race())]] as const) {
  test(`${name}: a banned peer is not dialled at any address, and the error says until when`, async t => {
    const { node, dialer, peer, other } = await scene(t, make)
    await dialer.ban(peer.peerId, { for: HOUR })

    await t.throwsAsync(node.dial(addressesOf(peer)), { name: 'DialDeniedError', message: `The dial request is denied: /p2p/${peer.peerId} is banned until 2026-01-01T01:00:00.000Z` })
    t.deepEqual(peer.getConnections(), [])
    leadsTo(t, await node.dial(addressesOf(other)), other)

    t.true(dialer.bans.remove(peer.peerId))
    leadsTo(t, await node.dial(addressesOf(peer)), peer)
  })

  test(`${name}: an address in a banned network is not dialled`, async t => {
    const { node, dialer, peer } = await scene(t, make)
    const [address] = addressesOf(peer)
    await dialer.ban('127.0.0.0/8', { for: HOUR })

    await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: /127\.0\.0\.0\/8 is banned until 2026-01-01T01:00:00\.000Z/ })
    await t.throwsAsync(node.dial([address, multiaddr(`/ip4/127.0.0.2/tcp/1/p2p/${peer.peerId}`)]), { name: 'DialDeniedError', message: /127\.0\.0\.0\/8 is banned until/ })
    t.false(await node.isDialable(address))
    dialer.bans.remove('127.0.0.0/8')
    t.true(await node.isDialable(address))
    leadsTo(t, await node.dial(address), peer)
  })
}

test('the address that is not banned is dialled, and explain() says why the other was not', async t => {
  const { node, dialer, peer } = await scene(t, () => pipeline(fromCaller(), bans(), race()))
  const [address] = addressesOf(peer)
  const banned = multiaddr(`/ip4/127.0.0.2/tcp/1/p2p/${peer.peerId}`)
  await dialer.ban(multiaddr('/ip4/127.0.0.2/tcp/1'), { for: HOUR })

  leadsTo(t, await node.dial([banned, address]), peer)
  t.regex(dialer.explain(peer.peerId, { width: 200 }), /bans.*\/ip4\/127\.0\.0\.2\/tcp\/1 is banned until 2026/)
})

test('a banned peer behind an address without a peer id is refused after the handshake', async t => {
  const { node, dialer, peer } = await scene(t)
  await dialer.ban(peer.peerId, { for: HOUR })

  await t.throwsAsync(node.dial(addressesOf(peer)[0].decapsulateCode(421)))
  t.deepEqual(node.getConnections(), [])
  t.true(await isClosed(peer, node))
})

for (const [what, targetOf] of [
  ['peer', peer => peer.peerId],
  ['network', () => '127.0.0.0/8'],
  ['host', () => multiaddr('/ip4/127.0.0.1')]
] as ReadonlyArray<[string, (peer: Libp2p) => BanTarget]>) {
  test(`a banned ${what} cannot connect to the node until the ban expires`, async t => {
    const { node, dialer, peer, other, clock } = await scene(t)
    await dialer.ban(targetOf(peer), { for: HOUR })

    t.false(await isLetIn(peer, node))
    t.is(await isLetIn(other, node), what === 'peer')
    await clock.advance(HOUR - 1)
    t.false(await isLetIn(peer, node))
    await clock.advance(1)
    t.true(await isLetIn(peer, node))
    t.deepEqual(dialer.bans.list(), [])
  })

  test(`sever: true closes connections with a banned ${what} in both directions`, async t => {
    const { node, dialer, peer } = await scene(t)
    await Promise.all([node.dial(addressesOf(peer)), peer.dial(addressesOf(node))])
    const connections = node.getConnections()
    await dialer.ban(targetOf(peer), { for: HOUR, sever: true })

    t.true(connections.length > 0)
    t.deepEqual(connections.map(({ status }) => status), connections.map(() => 'closed'))
    t.deepEqual(node.getConnections(), [])
    t.true(await isClosed(peer, node))
  })
}

test('ban() without sever keeps connections open, and with it closes only the banned peer\'s', async t => {
  const { node, dialer, peer, other } = await scene(t)
  const [first, second] = await Promise.all([node.dial(addressesOf(peer)), node.dial(addressesOf(other))])
  await dialer.ban(peer.peerId, { for: HOUR })
  t.deepEqual([first.status, second.status], ['open', 'open'])
  await dialer.ban(multiaddr(`/p2p/${peer.peerId}`), { for: HOUR, sever: true })
  t.deepEqual([first.status, second.status], ['closed', 'open'])
})

test('a peer that is banned during its dial is not connected', async t => {
  const gate = new Gate()
  const { node, dialer, peer } = await scene(t, staggered, { connectionGater: { denyOutboundConnection: async () => gate.hold() } })
  const dial = t.throwsAsync(node.dial(addressesOf(peer)))
  await gate.arrival
  await dialer.ban(peer.peerId, { for: HOUR, sever: true })
  gate.open()

  await dial
  t.deepEqual(node.getConnections(), [])
  t.true(await isClosed(peer, node))
})

test('a peer that is banned while its connection is upgraded is not connected', async t => {
  const gate = new Gate()
  const { node, dialer, peer } = await scene(t, staggered, { connectionGater: { denyInboundUpgradedConnection: async () => gate.hold() } })
  const dial = peer.dial(addressesOf(node))
  const ended = dial.catch(() => {})
  // rejects when the dial fails before
  await Promise.race([gate.arrival, dial])
  await dialer.ban(peer.peerId, { for: HOUR, sever: true })
  gate.open()

  await ended
  t.true(await isClosed(node, peer))
  t.true(await isClosed(peer, node))
})

test('a banned IPv4 address is not dialled in any spelling', async t => {
  const { node, dialer, peer } = await scene(t, staggered, { dns: { query: async () => ({ Answer: [] }) } as any })
  await dialer.ban('198.41.0.0/24', { for: HOUR })

  for (const host of ['/ip4/198.41.0.4', '/ip6/::ffff:198.41.0.4', '/ip6/::198.41.0.4', '/ip6/64:ff9b::c629:4', '/ip6/2002:c629:4::1', '/dns4/0xc6290004', '/dns4/198.41.4', '/dns6/::ffff:198.41.0.4']) {
    const address = multiaddr(`${host}/tcp/1/p2p/${peer.peerId}`)
    t.false(await node.isDialable(address), host)
    await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: /198\.41\.0\.0\/24 is banned until 2026/ }, host)
  }
})

test('a banned name is not dialled in any spelling', async t => {
  const { node, dialer, peer } = await scene(t)
  await dialer.ban('/dns4/bücher.example', { for: HOUR })

  for (const host of ['/dns4/xn--bcher-kva.example', '/dns/BÜCHER.example..', '/dns6/b%C3%BCcher.ex%61mple', '/dns4/ｂücher.example']) {
    const address = multiaddr(`${host}/tcp/1/ws/p2p/${peer.peerId}`)
    t.false(await node.isDialable(address), host)
    await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: /bücher\.example is banned until 2026/ }, host)
  }
})

for (const [record, target, data, pipeline] of [
  [1, '/dns4/victim.example.com', '198.41.0.4', staggered().after('resolve', lookup())],
  [16, '/dnsaddr/victim.example', 'dnsaddr=/ip4/198.41.0.4/tcp/1', staggered()]
] as const) {
  test(`an IP address that a banned name resolves to is not dialled: ${target}`, async t => {
    const asked: string[] = []
    const dns: any = { query: async (name: string) => {
      asked.push(name)

      return { Answer: [{ name, type: record, TTL: 1, data }] }
    } }
    const { node, dialer, peer } = await scene(t, () => pipeline, { dns })
    await dialer.ban(target, { for: HOUR })
    const address = multiaddr(`${target}/tcp/1/p2p/${peer.peerId}`)
    t.false(await node.isDialable(address))
    await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: /victim\.example\S* is banned until 2026/ })
    t.deepEqual(asked, [])
  })
}

test('a banned IPv4 address is not dialled as an AutoTLS name or as the SNI of a WebSocket', async t => {
  const { node, dialer, peer } = await scene(t)
  const id = peer.peerId.toCID().toString()
  await dialer.ban('198.41.0.0/24', { for: HOUR })

  for (const way of [
    `/dns4/198-41-0-4.${id}.libp2p.direct/tcp/1/tls/ws`,
    `/dns6/2002-c629-4-0-0--1.${id}.libp2p.direct/tcp/1/tls/ws`,
    `/ip4/5.6.7.8/tcp/1/tls/sni/198-41-0-4.${id}.libp2p.direct/ws`,
    '/ip4/5.6.7.8/tcp/1/tls/sni/198.41.0.4/ws'
  ]) {
    const address = multiaddr(`${way}/p2p/${peer.peerId}`)
    t.false(await node.isDialable(address), way)
    await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: /198\.41\.0\.0\/24 is banned until 2026/ }, way)
  }
})

test('a banned name is not dialled as the SNI of a WebSocket, and an AutoTLS name can be banned', async t => {
  const { node, dialer, peer } = await scene(t)
  const autoTls = `/dns4/198-41-0-4.${peer.peerId.toCID()}.libp2p.direct`
  await dialer.ban('/dns4/victim.example', { for: HOUR })
  await dialer.ban(autoTls, { for: HOUR })

  for (const way of ['/ip4/5.6.7.8/tcp/1/tls/sni/Victim.example/ws', `${autoTls}/tcp/1/tls/ws`]) {
    await t.throwsAsync(node.dial(multiaddr(`${way}/p2p/${peer.peerId}`)), { name: 'DialDeniedError', message: /is banned until 2026/ }, way)
  }
})

for (const target of ['/dns4/0x7f.1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '127.0.0.0/8']) {
  test(`a ban of ${target} refuses inbound connections from it, and sever closes open ones`, async t => {
    const { node, dialer, peer } = await scene(t)
    await node.dial(addressesOf(peer))
    await dialer.ban(target, { for: HOUR, sever: true })
    t.deepEqual(node.getConnections(), [])
    t.false(await isLetIn(peer, node))
    t.true(dialer.bans.remove(target))
    t.true(await isLetIn(peer, node))
  })
}

test('a banned relay is not dialled through', async t => {
  const { relay, listener, multiaddr: address, stop } = await relayed()
  t.teardown(stop)
  const node = await dialling(t, staggered(), { listen: [], transports: [tcp(), circuitRelayTransport()], services: { identify: identify() } })
  await node.services.dialer.ban(relay.peerId, { for: HOUR })
  await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: new RegExp(`${relay.peerId} is banned`) })

  node.services.dialer.bans.remove(relay.peerId)
  t.true((await node.dial(address)).remotePeer.equals(listener.peerId))
})

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

test('persisted bans are known before the first dial after a restart, and only with persist: true', async t => {
  const [datastore, privateKey] = [new MemoryDatastore(), await generateKeyPair('Ed25519')]
  const options = { datastore, privateKey, dialerInit: { bans: { persist: true } } }
  const { node, dialer, peer, clock } = await scene(t, staggered, options)
  await dialer.ban(peer.peerId, { for: HOUR })
  await dialer.ban('10.0.0.0/8', { for: HOUR })
  await node.stop()

  const second = await dialling(t, staggered(), { ...options, listen: LOOPBACK, dialerInit: { clock, ...options.dialerInit } })
  t.is(second.services.dialer.bans.list().length, 2)
  t.false(await isLetIn(peer, second))
  await t.throwsAsync(second.dial(addressesOf(peer)), { name: 'DialDeniedError', message: /banned until 2026-01-01T01:00/ })
  second.services.dialer.bans.remove(peer.peerId)
  await second.stop()

  const third = await listening(t, { datastore, privateKey, listen: LOOPBACK })
  const attached = attach(third, staggered(), { clock, bans: { persist: true } })
  // this dial waits until the bans are read
  await t.throwsAsync(third.dial(multiaddr(`/ip4/10.0.0.1/tcp/1/p2p/${peer.peerId}`)), { name: 'DialDeniedError' })
  leadsTo(t, await third.dial(addressesOf(peer)), peer)
  t.is(attached.bans.list().length, 1)

  const fourth = await dialling(t, staggered(), { datastore, privateKey })
  t.deepEqual(fourth.services.dialer.bans.list(), [])
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

test('ban() throws for an invalid target or option, and attach() for invalid bans options', async t => {
  const { dialer, peer } = await scene(t)

  for (const [target, options, message] of [
    ['nonsense', { for: HOUR }, 'Cannot ban \'nonsense\': not a peer id, multiaddr, IP address or CIDR range'],
    [peer.peerId, { for: NaN }, 'ban() needs a number of milliseconds, more than 0 as for, not NaN'],
    [peer.peerId, { for: '60000' }, "ban() needs a number of milliseconds, more than 0 as for, not '60000'"],
    [peer.peerId, {}, 'ban() needs the option "for": a number of milliseconds, more than 0'],
    [peer.peerId, undefined, 'ban() needs the option "for": a number of milliseconds, more than 0'],
    [peer.peerId, HOUR, 'ban() needs an object of options, not 3600000: write { for: 3600000 }'],
    [peer.peerId, { for: HOUR, sever: 'yes' }, "ban() needs true or false as sever, not 'yes'"],
    [peer.peerId, { for: HOUR, server: true }, 'ban() has no option "server": did you mean "sever"? It has: for, sever']
  ]) {
    await t.throwsAsync(dialer.ban(target as BanTarget, options as BanOptions), { name: 'InvalidParametersError', message: message as string })
  }

  t.deepEqual(dialer.bans.list(), [])
  t.throws(() => attach({ components: new Proxy({}, { get: (_, name) => name === 'datastore' ? undefined : (peer as any).components[name] }) }, staggered(), { bans: { persist: true } }), { name: 'InvalidParametersError', message: /^bans\.persist needs a datastore/ })
})

test('ban(), bans.remove() and use() throw after detach()', async t => {
  const { dialer, peer, other } = await scene(t)
  await dialer.ban(other.peerId, { for: HOUR })
  dialer.detach()
  await t.throwsAsync(dialer.ban(peer.peerId, { for: HOUR }), { name: 'InvalidParametersError', message: /^Cannot ban after detach\(\): / })
  t.throws(() => dialer.bans.add(peer.peerId, HOUR), { name: 'InvalidParametersError', message: /^Cannot ban after detach\(\): / })
  t.throws(() => dialer.bans.remove(other.peerId), { name: 'InvalidParametersError', message: /^Cannot remove a ban after detach\(\): / })
  t.is(dialer.bans.list().length, 1)
  t.throws(() => { dialer.use(adaptive()) }, { name: 'InvalidParametersError', message: /^Cannot use\(\) another pipeline after detach\(\): / })
})

test('persisted bans survive an earlier detached dialer that finishes a dial', async t => {
  const gate = new Gate()
  const node = await listening(t, { datastore: new MemoryDatastore(), listen: LOOPBACK })
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const init = { bans: { persist: true }, clock }
  const first = attach(node, staggered().after('resolve', filter('held', async () => !await gate.hold())), init)
  const dial = node.dial(addressesOf(await listening(t, { listen: LOOPBACK })))
  await gate.arrival
  // both bans are in the same record
  await first.ban('203.0.113.12', { for: 1_500 })
  first.detach()
  const second = attach(node, staggered(), init)
  await until(() => second.bans.isLoaded, loaded => loaded)
  t.deepEqual(second.bans.list().map(({ target }) => target), ['203.0.113.12'])
  await second.ban('203.0.113.49', { for: Infinity })

  await clock.advance(1_500)
  t.deepEqual(first.bans.list(), [])
  gate.open()
  await dial
  second.detach()

  const third = attach(node, staggered(), init)
  await until(() => third.bans.isLoaded, loaded => loaded)
  t.deepEqual(third.bans.list().map(({ target }) => target), ['203.0.113.49'])
})

test('evicted bans are logged', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline:bans')
  const { dialer, clock } = await scene(t, staggered, { logger })

  for (let i = 0; i < 10_003; i++) {
    void dialer.ban(`10.${i >> 8}.${i & 255}.0/24`, { for: i === 17 ? HOUR : Infinity })
  }

  t.is(dialer.bans.list().length, 10_000)
  await clock.advance(60_000)
  t.deepEqual(lines, ['evicted the ban of 10.0.17.0/24: there are too many bans, and it ends first', 'evicted 2 more bans: there are too many, and they end first'])
})
