import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { until } from '../helpers/until.ts'
import { HOUR, isClosed, isLetIn, scene } from './banning.ts'
import { addressesOf, Gate } from './kit.ts'
import type { BanTarget } from '../../src/index.ts'
import type { Connection, Libp2p } from '@libp2p/interface'

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

test('a ban of the remoteAddr of an inbound connection does not hold for the next one', async t => {
  const { node, dialer, peer } = await scene(t)
  await peer.dial(addressesOf(node))
  const [inbound] = await until(() => node.getConnections(peer.peerId), all => all.length > 0)
  const { remoteAddr } = inbound as Connection
  await dialer.ban(remoteAddr, { for: HOUR, sever: true })

  t.is(inbound?.status, 'closed')
  t.true(await isClosed(peer, node))
  t.true(await isLetIn(peer, node))
  await dialer.ban(remoteAddr.getComponents()[0]?.value ?? '', { for: HOUR })
  t.false(await isLetIn(peer, node))
})

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
  const dial = t.throwsAsync(node.dial(addressesOf(peer)), { name: 'DialDeniedError' })
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
