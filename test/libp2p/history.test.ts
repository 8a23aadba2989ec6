import { getEventListeners, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { attach } from '../../src/index.ts'
import { candidate, filter } from '../../src/pipeline/index.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { staggered } from '../../presets/index.ts'
import { FolderDatastore } from '../history/folder-datastore.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, listening, mute } from './kit.ts'
import type { Dialer } from '../../src/index.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const one = ([multiaddr]: Multiaddr[], peerId: PeerId): Candidate => candidate(multiaddr as Multiaddr, peerId)

/** Returns the number of connection:open listeners of a node */
function listeners (node: Libp2p): number {
  return getEventListeners((node as any).components.events, 'connection:open').length
}

test('history has the times of a dial that connected', async t => {
  const [node, remote] = [await dialling(t, staggered()), await listening(t)]
  const address = one(addressesOf(remote), remote.peerId)
  const unknown = node.services.dialer.history.estimate(address)
  await node.dial(address.multiaddr)
  const { success, firstResponse, connect } = node.services.dialer.history.estimate(address)

  t.true(success > unknown.success)
  t.not(firstResponse.mu, unknown.firstResponse.mu)
  t.not(connect, unknown.connect)
  t.true(node.services.dialer.history.online(remote.peerId) > 0.8)
})

for (const transport of ['tcp', 'ws'] as const) {
  test(`history has a failed dial, and a connection from the peer clears it: ${transport}`, async t => {
    const [node, remote] = [await dialling(t, staggered(), { listen: ['/ip4/127.0.0.1/tcp/0'] }), await listening(t)]
    const port = await refused()
    const address = one([transport === 'ws' ? port.multiaddr.encapsulate('/ws') : port.multiaddr], remote.peerId)
    await t.throwsAsync(node.dial(address.multiaddr), { name: 'Error' })
    const { history } = node.services.dialer
    t.is(history.failures(address)?.count, 1)
    t.true(history.online(remote.peerId) < 0.51)

    const opened = once(node, 'connection:open')
    await remote.dial(addressesOf(node))
    // the dialer gets its connection slightly earlier
    await opened
    t.is(history.failures(address), undefined)
    t.true(history.online(remote.peerId) > 0.7)
  })
}

test('history rates an address where another peer answers near zero for this peer, and not for the other', async t => {
  const [node, remote, peer] = [await dialling(t, staggered()), await listening(t), await newPeer()]
  const { history } = node.services.dialer

  for (const transport of ['tcp', 'ws'] as const) {
    const [multiaddr] = addressesOf(remote, transport)
    const address = one([multiaddr.decapsulateCode(421)], peer)
    await t.throwsAsync(node.dial(address.multiaddr), { name: 'EncryptionFailedError' })
    t.true(history.failures(address)?.isWrongPeer)
    t.true(history.estimate(address).success < 0.01)
    t.is(history.failures(one([multiaddr], remote.peerId)), undefined)
  }
})

test('history counts an unanswered handshake as failure, and not one that its caller aborted', async t => {
  const [node, remote] = [await dialling(t, staggered(), { connectionManager: { addressDialTimeout: 200 } }), await mute(t)]
  const [peer, other] = [await newPeer(), await newPeer()]
  await t.throwsAsync(node.dial(one([remote.multiaddr], peer).multiaddr), { name: 'TimeoutError' })
  const controller = new AbortController()
  const dial = t.throwsAsync(node.dial(one([remote.multiaddr], other).multiaddr, { signal: controller.signal }), { name: 'AbortError' })
  setTimeout(() => { controller.abort() }, 50)
  await dial
  const { history } = node.services.dialer

  t.is(history.failures(one([remote.multiaddr], peer))?.count, 1)
  t.is(history.failures(one([remote.multiaddr], other)), undefined)
  t.is(history.online(other), 0.75)
})

test('history records nothing for an address that the gater denies', async t => {
  const remote = await listening(t)
  const node = await dialling(t, staggered(), { connectionGater: { denyOutboundConnection: () => true } })
  const address = one(addressesOf(remote), remote.peerId)
  await t.throwsAsync(node.dial(address.multiaddr), { name: 'ConnectionInterceptedError' })

  t.is(node.services.dialer.history.failures(address), undefined)
  t.is(node.services.dialer.history.online(remote.peerId), 0.75)
})

for (const [name, datastore] of [['memory', async () => new MemoryDatastore()], ['disk', folder]] as const) {
  test(`persisted history is known before the first dial after a restart: ${name}`, async t => {
    const store = await datastore(t)
    const [remote, port, gone, privateKey] = [await listening(t), await refused(), await newPeer(), await generateKeyPair('Ed25519')]
    const [good, bad] = [one(addressesOf(remote), remote.peerId), one([port.multiaddr], gone)]
    const options = { datastore: store, privateKey, dialerInit: { history: { persist: true } } }

    const first = await dialling(t, staggered(), options)
    await first.dial(good.multiaddr)
    await t.throwsAsync(first.dial(bad.multiaddr), { name: 'Error' })
    const learnt = first.services.dialer.history.estimate(good)
    await first.stop()

    const second = await dialling(t, staggered(), { ...options, start: false })
    const { history } = second.services.dialer
    await second.start()
    t.is(history.failures(bad)?.count, 1)
    t.true(Math.abs(history.estimate(good).success - learnt.success) < 0.01)
    t.true(Math.abs(history.estimate(good).connect - learnt.connect) < 0.1)

    // a second failure, stored by the same node
    await t.throwsAsync(second.dial(bad.multiaddr), { name: 'Error' })
    await second.stop()
    const third = await dialling(t, staggered(), options)
    t.is(third.services.dialer.history.failures(bad)?.count, 2)
  })
}

test('a dialer attached to a running node has the persisted history before it dials', async t => {
  const datastore = new MemoryDatastore()
  const [port, gone] = [await refused(), await newPeer()]
  const bad = one([port.multiaddr], gone)
  const first = await dialling(t, staggered(), { datastore, dialerInit: { history: { persist: true } } })
  await t.throwsAsync(first.dial(bad.multiaddr), { name: 'Error' })
  await first.stop()

  let seen: number | undefined
  const node = await listening(t, { datastore })
  const dialer: Dialer = attach(node, staggered().before('race', filter('look', () => { seen ??= dialer.history.failures(bad)?.count; return true })), { history: { persist: true } })
  await t.throwsAsync(node.dial(bad.multiaddr), { name: 'Error' })

  t.is(seen, 1)
  t.is(dialer.history.failures(bad)?.count, 2)
  await dialer.stop()
  const last = await dialling(t, staggered(), { datastore, dialerInit: { history: { persist: true } } })
  t.is(last.services.dialer.history.failures(bad)?.count, 2)
})

test('dials wait at most 10 s for history and optional bans, and both are used when they arrive late', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const datastore = new MemoryDatastore()
  const [remote, port, gone, clock] = [await listening(t), await refused(), await newPeer(), new VirtualClock()]
  const bad = one([port.multiaddr], gone)
  const first = await dialling(t, staggered(), { datastore, dialerInit: { history: { persist: true }, bans: { persist: true } } })
  await t.throwsAsync(first.dial(bad.multiaddr), { name: 'Error' })
  await first.services.dialer.ban(gone, { for: Infinity })
  await first.stop()

  const query = datastore.query.bind(datastore)
  datastore.query = async function * (request) {
    if (/dial/.test(request.prefix ?? '')) {
      await promise
    }

    yield * query(request)
  }
  const node = await listening(t, { datastore })
  const dialer = attach(node, staggered(), { clock, history: { persist: true }, bans: { persist: true, required: false } })
  let isConnected = false
  const dial = node.dial(addressesOf(remote), { signal: new AbortController().signal }).then(() => { isConnected = true })
  await clock.advance(9_999)
  t.false(isConnected)
  await clock.advance(1)
  await clock.until(dial)
  t.is(dialer.bans.reasonFor(gone), undefined)

  resolve()
  await settled()
  t.not(dialer.bans.reasonFor(gone), undefined)
  t.is(dialer.history.failures(bad)?.count, 1)
})

test('history.persist throws without a datastore', async t => {
  const node = await listening(t)
  const components = new Proxy((node as any).components, {
    get: (target, name) => name === 'datastore' ? undefined : target[name]
  })

  t.throws(() => attach({ components }, staggered(), { history: { persist: true } }), { name: 'InvalidParametersError', message: /needs a datastore/ })
})

test('stop() and detach() remove all listeners of history, and start() adds them once', async t => {
  const node = await dialling(t, staggered(), { start: false })
  const before = listeners(node)
  await node.start()
  const running = listeners(node)
  await node.stop()
  t.is(listeners(node), before)
  await node.start()
  t.is(listeners(node), running)

  node.services.dialer.detach()
  const detached = listeners(node)
  t.true(detached < running)
  await node.stop()
  await node.start()
  t.is(listeners(node), detached)

  const dialer = attach(node, staggered())
  t.is(listeners(node), running)
  dialer.detach()
  t.is(listeners(node), detached)
})

async function folder (t: { teardown: (fn: () => Promise<void>) => void }): Promise<FolderDatastore> {
  const path = await mkdtemp(join(tmpdir(), 'dial-history-'))
  t.teardown(async () => { await rm(path, { recursive: true }) })

  return new FolderDatastore(path)
}
