import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { blackhole } from '../helpers/blackhole.ts'
import { until } from '../helpers/until.ts'
import { dose } from '../support/dose.ts'
import { behindRelay, oneBehindRelay, overRelay } from './behind-relay.ts'
import { dialling, listening, mute } from './kit.ts'
import type { DialTrace } from '../../src/index.ts'

const ACCEPTS = { runOnLimitedConnection: true }

/** Returns the number of running attempts at direct addresses */
function goingOn (traces: readonly DialTrace[]): number {
  return traces.flatMap(({ candidates }) => candidates).filter(({ transport }) => transport !== 'circuit')
    .flatMap(({ attempts }) => attempts).filter(({ startedAt, endedAt }) => startedAt != null && endedAt == null).length
}

test('peers with a dead direct address all connect over the relay, and few dials linger', async t => {
  const [{ peers }, node, hole] = await Promise.all([
    behindRelay(t, dose(30, 8)),
    dialling(t, adaptive(), { ...overRelay(), connectionManager: { maxParallelDials: 2 } }),
    blackhole()
  ])
  t.teardown(hole.close)
  let most = 0
  node.addEventListener('connection:open', () => { most = Math.max(most, goingOn(node.services.dialer.traces())) })

  const dials = peers.map(async ({ node: { peerId }, indirect }) => node.dial([hole.multiaddr.encapsulate(`/p2p/${peerId}`), indirect], ACCEPTS))
  const connections = await Promise.all(dials)
  t.deepEqual(connections.filter(({ status, direct }) => status !== 'open' || direct), [])
  t.deepEqual(node.getDialQueue(), [])
  // two running dials, and two lingering ones
  t.true(most <= 4, `${most}`)
  t.is(goingOn(node.services.dialer.traces()), 2)
})

test('three dials of a peer connected over a relay open no more sockets than one', async t => {
  const [{ node: { peerId }, indirect }, node, dead] = await Promise.all([oneBehindRelay(t), dialling(t, adaptive(), overRelay()), mute(t)])
  await node.peerStore.merge(peerId, { multiaddrs: [dead.multiaddr.encapsulate(`/p2p/${peerId}`), indirect] })
  const first = await node.dial(peerId, ACCEPTS)

  for (let i = 0; i < dose(1_000, 50); i++) {
    t.is(await node.dial(peerId, ACCEPTS), first)
  }

  t.is(dead.accepted, 1)
  t.deepEqual(node.getConnections(peerId), [first])
})

test('libp2p\'s own dialer opens a socket and a relayed connection for each of these dials', async t => {
  const [{ node: { peerId }, indirect }, node, dead] = await Promise.all([oneBehindRelay(t), listening(t, { ...overRelay(), listen: [], connectionManager: { addressDialTimeout: 3_000 } }), mute(t)])
  const opened: unknown[] = []
  node.addEventListener('connection:open', ({ detail }) => { opened.push(detail) })

  for (let i = 0; i < 2; i++) {
    await node.dial([dead.multiaddr.encapsulate(`/p2p/${peerId}`), indirect], ACCEPTS)
  }

  t.is(dead.accepted, 2)
  // one connection is to the relay
  t.is(opened.length, 3)
})

test('hangUp() ends a lingering dial', async t => {
  const [{ node: { peerId }, indirect }, node, dead] = await Promise.all([oneBehindRelay(t), dialling(t, adaptive(), overRelay()), mute(t)])
  await node.dial([dead.multiaddr.encapsulate(`/p2p/${peerId}`), indirect], ACCEPTS)
  t.is(dead.open, 1)
  await node.hangUp(peerId)
  t.is(await until(() => dead.open, open => open === 0), 0)
  t.deepEqual(node.getConnections(peerId), [])
})

test('a disconnect by the peer ends a lingering dial', async t => {
  const [{ node: remote, indirect }, node, dead] = await Promise.all([oneBehindRelay(t), dialling(t, adaptive(), overRelay()), mute(t)])
  await node.dial([dead.multiaddr.encapsulate(`/p2p/${remote.peerId}`), indirect], ACCEPTS)
  t.is(dead.open, 1)
  await until(() => remote.getConnections(node.peerId).length, count => count === 1)
  await remote.hangUp(node.peerId)
  t.is(await until(() => dead.open, open => open === 0), 0)
})

test('a signal that aborts after its dial resolved does not end the lingering dial', async t => {
  const [{ node: { peerId }, indirect }, node, dead] = await Promise.all([oneBehindRelay(t), dialling(t, adaptive(), overRelay()), mute(t)])
  const controller = new AbortController()
  const connection = await node.dial([dead.multiaddr.encapsulate(`/p2p/${peerId}`), indirect], { ...ACCEPTS, signal: controller.signal })
  controller.abort()
  await sleep(50)
  t.is(dead.open, 1)
  t.is(connection.status, 'open')
})

test('detach() and stop() end lingering dials', async t => {
  for (const end of ['detach', 'stop']) {
    const [{ node: { peerId }, indirect }, node, dead] = await Promise.all([oneBehindRelay(t), dialling(t, adaptive(), overRelay()), mute(t)])
    const connection = await node.dial([dead.multiaddr.encapsulate(`/p2p/${peerId}`), indirect], ACCEPTS)
    t.is(dead.open, 1)

    if (end === 'detach') {
      node.services.dialer.detach()
    } else {
      await node.stop()
    }

    t.is(await until(() => dead.open, open => open === 0), 0)
    t.is(connection.status === 'open', end === 'detach')
  }
})
