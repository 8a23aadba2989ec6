import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { filter, provenance } from '../../src/stages/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { active, changed, dialled, nodes } from './attaching.ts'
import { addressesOf, Gate, leadsTo, mute } from './kit.ts'
import type { Stage } from '../../src/stages/index.ts'

test('dials that run across attach(), detach() and attach() finish in the dialer that began them', async t => {
  const { node, remotes: [a, b, c], close, queue, metric, before } = await nodes(t, 3)
  const [atA, atB, atC] = close(a, b, c)

  const first = attach(node, staggered())
  const ours = node.dial(addressesOf(a))
  await atA.arrival

  first.detach()
  t.deepEqual(queue(), active(a))
  const theirs = node.dial(addressesOf(b))
  await atB.arrival
  t.deepEqual(queue(), active(a, b))
  t.deepEqual(metric(), { size: 1, running: 1, queued: 0 })

  const second = attach(node, staggered())
  t.deepEqual(queue(), active(a, b))
  const last = node.dial(addressesOf(c))
  await atC.arrival
  t.deepEqual(queue(), active(a, b, c))

  atB.open()
  leadsTo(t, await theirs, b)
  t.deepEqual(queue(), active(a, c))

  atA.open()
  leadsTo(t, await ours, a)
  t.deepEqual(queue(), active(c))
  t.deepEqual(await until(metric, ({ size }) => size === 1), { size: 1, running: 1, queued: 0 })

  atC.open()
  leadsTo(t, await last, c)
  t.deepEqual(queue(), [])
  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })

  t.deepEqual(dialled(first), [`${a.peerId}`])
  t.deepEqual(dialled(second), [`${c.peerId}`])

  second.detach()
  t.deepEqual(await changed(node, before), [])
})

test('a peer dialled by both dialers at once ends up with one connection', async t => {
  const { node, remotes: [remote], close } = await nodes(t, 1)
  const [atRemote] = close(remote)

  const theirs = node.dial(addressesOf(remote))
  await atRemote.arrival
  attach(node, staggered())
  const ours = node.dial(addressesOf(remote))
  atRemote.open()

  const connections = await Promise.all([theirs, ours])
  await until(() => node.getConnections(remote.peerId).length, count => count === 1)

  connections.forEach(connection => { leadsTo(t, connection, remote) })
  t.is(node.getConnections(remote.peerId).length, 1)
})

test('stopping the node ends dials that still run after detach()', async t => {
  const { node, remotes: [remote], close } = await nodes(t, 1)
  const [atRemote] = close(remote)
  const dialer = attach(node, staggered())
  const dial = node.dial(addressesOf(remote), { signal: new AbortController().signal })
  await atRemote.arrival

  dialer.detach()
  const stopped = node.stop()

  await t.throwsAsync(dial, { name: 'AbortError' })
  await stopped
})

/** A stage that holds all addresses until the gate opens */
function held (gate: Gate): Stage {
  return filter('held', async () => !await gate.hold(), { forRelays: false })
}

test('a dial that runs after detach() keeps its provenance and bans at the relay', async t => {
  for (const forbid of ['provenance', 'ban'] as const) {
    const { node } = await nodes(t, 0, { transports: [tcp(), circuitRelayTransport()], services: { identify: identify() } })
    const relay = await mute(t)
    const [relayPeer, peer] = [await newPeer(), await newPeer()]
    const gate = new Gate()
    const dialer = attach(node, adaptive().after('resolve', provenance()).after('resolve', held(gate)))
    await node.peerStore.merge(relayPeer, { multiaddrs: [relay.multiaddr] })

    if (forbid === 'ban') {
      await dialer.ban(relay.multiaddr, { for: Infinity })
    }

    const dial = node.dial(multiaddr(`/p2p/${relayPeer}/p2p-circuit/p2p/${peer}`), forbid === 'ban' ? {} : { provenance: ['user'] })
    await gate.arrival
    dialer.detach()
    gate.open()

    await t.throwsAsync(dial)
    t.is(relay.accepted, 0, forbid)
  }
})

test('a dial that runs after detach() obeys the bans of the next attached dialer', async t => {
  const { node, remotes: [remote] } = await nodes(t, 1)
  const gate = new Gate()
  const first = attach(node, staggered().after('resolve', held(gate)))
  const dial = node.dial(addressesOf(remote))
  await gate.arrival
  first.detach()
  await attach(node, staggered()).ban(remote.peerId, { for: Infinity })
  gate.open()

  await t.throwsAsync(dial, { name: 'DialDeniedError' })
})
