import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { bans, fromCaller, pipeline, race } from '../../src/stages/index.ts'
import { relayed } from '../helpers/relay.ts'
import { HOUR, isClosed, scene } from './banning.ts'
import { addressesOf, dialling, leadsTo } from './kit.ts'
import { recordLogs } from './record-logs.ts'
import type { BanOptions, BanTarget } from '../../src/index.ts'

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

  await t.throwsAsync(node.dial(addressesOf(peer)[0].decapsulateCode(421)), { name: 'ConnectionInterceptedError' })
  t.deepEqual(node.getConnections(), [])
  t.true(await isClosed(peer, node))
})

test('a banned relay is not dialled through', async t => {
  const { relay, listener, multiaddr: address, stop } = await relayed()
  t.teardown(stop)
  const node = await dialling(t, staggered(), { listen: [], transports: [tcp(), circuitRelayTransport()], services: { identify: identify() } })
  await node.services.dialer.ban(relay.peerId, { for: HOUR })
  await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: new RegExp(`${relay.peerId} is banned`) })

  node.services.dialer.bans.remove(relay.peerId)
  t.true((await node.dial(address)).remotePeer.equals(listener.peerId))
})

test('ban() throws for an invalid target or option, and attach() for invalid bans options', async t => {
  const { dialer, peer } = await scene(t)

  for (const [target, options, message] of [
    ['nonsense', { for: HOUR }, 'Cannot ban \'nonsense\': not a peer id, multiaddr, IP address or CIDR range'],
    [peer.peerId, { for: NaN }, 'ban() needs a number of milliseconds, more than 0, or Infinity as for, not NaN'],
    [peer.peerId, { for: '60000' }, "ban() needs a number of milliseconds, more than 0, or Infinity as for, not '60000'"],
    [peer.peerId, {}, 'ban() needs the option "for": a number of milliseconds, more than 0, or Infinity'],
    [peer.peerId, undefined, 'ban() needs the option "for": a number of milliseconds, more than 0, or Infinity'],
    [peer.peerId, HOUR, 'ban() needs an object of options, not 3600000'],
    [peer.peerId, { for: HOUR, sever: 'yes' }, "ban() needs true or false as sever, not 'yes'"],
    [peer.peerId, { for: HOUR, server: true }, 'ban() has no option "server": did you mean "sever"? It has: for, sever']
  ]) {
    await t.throwsAsync(dialer.ban(target as BanTarget, options as BanOptions), { name: 'InvalidParametersError', message: message as string })
  }

  t.deepEqual(dialer.bans.list(), [])
  t.throws(() => attach({ components: new Proxy({}, { get: (_, name) => name === 'datastore' ? undefined : (peer as any).components[name] }) }, staggered(), { bans: { persist: true } }), { name: 'InvalidParametersError', message: /^bans\.persist needs a datastore/ })
})

test('ban(), bans.remove(), use() and bootstrap() throw after detach()', async t => {
  const { dialer, peer, other } = await scene(t)
  await dialer.ban(other.peerId, { for: HOUR })
  dialer.detach()
  await t.throwsAsync(dialer.ban(peer.peerId, { for: HOUR }), { name: 'InvalidParametersError', message: /^Cannot ban after detach\(\): / })
  t.throws(() => dialer.bans.add(peer.peerId, HOUR), { name: 'InvalidParametersError', message: /^Cannot ban after detach\(\): / })
  t.throws(() => dialer.bans.remove(other.peerId), { name: 'InvalidParametersError', message: /^Cannot remove a ban after detach\(\): / })
  t.is(dialer.bans.list().length, 1)
  await t.throwsAsync(dialer.bootstrap(addressesOf(peer)), { name: 'InvalidParametersError', message: /^Cannot bootstrap\(\) after detach\(\): / })
  t.throws(() => { dialer.use(adaptive()) }, { name: 'InvalidParametersError', message: /^Cannot use\(\) another pipeline after detach\(\): / })
})

test('evicted bans are logged', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline:bans')
  const { dialer } = await scene(t, staggered, { logger })

  for (let i = 0; i < 10_003; i++) {
    void dialer.ban(`10.${i >> 8}.${i & 255}.0/24`, { for: i === 17 ? HOUR : Infinity })
  }

  t.is(dialer.bans.list().length, 10_000)
  t.deepEqual(lines, ['10.0.17.0/24', '10.0.0.0/24', '10.0.1.0/24'].map(range => `evicted the ban of ${range}: there are too many bans, and it ends first`))
})
