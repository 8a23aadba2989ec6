import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { filter } from '../../src/stages/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { until } from '../helpers/until.ts'
import { HOUR, isLetIn, LOOPBACK, scene } from './banning.ts'
import { addressesOf, dialling, Gate, leadsTo, listening } from './kit.ts'

test('persisted bans are known before the first dial after a restart, and only with persist: true', async t => {
  const [datastore, privateKey] = [new MemoryDatastore(), await generateKeyPair('Ed25519')]
  const options = { datastore, privateKey, dialerInit: { bans: { persist: true } } }
  const { node, dialer, peer, clock } = await scene(t, staggered, options)
  await dialer.ban(peer.peerId, { for: HOUR })
  await dialer.ban('127.9.0.0/16', { for: HOUR })
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
  await t.throwsAsync(third.dial(multiaddr(`/ip4/127.9.0.1/tcp/1/p2p/${peer.peerId}`)), { name: 'DialDeniedError' })
  leadsTo(t, await third.dial(addressesOf(peer)), peer)
  t.is(attached.bans.list().length, 1)

  const fourth = await dialling(t, staggered(), { datastore, privateKey })
  t.deepEqual(fourth.services.dialer.bans.list(), [])
})

test('the dialer of attach() has the bans of the one before with bans: { persist: true } only', async t => {
  const node = await dialling(t, staggered(), { datastore: new MemoryDatastore(), dialerInit: { bans: { persist: true } } })
  await node.services.dialer.ban('203.0.113.0/24', { for: HOUR })
  node.services.dialer.detach()

  for (const [bans, count] of [[{ persist: true }, 1], [{}, 0]] as const) {
    const dialer = attach(node, staggered(), { bans })
    await until(() => dialer.bans.isLoaded, isLoaded => isLoaded)
    t.is(dialer.bans.list().length, count)
    dialer.detach()
  }
})

test('ban() resolves while the datastore still writes the ban, and stop() waits for the write', async t => {
  const gate = new Gate()
  const datastore = new MemoryDatastore()
  const node = await dialling(t, staggered(), { datastore, dialerInit: { bans: { persist: true } } })
  const batch = datastore.batch.bind(datastore)
  datastore.batch = () => {
    const writes = batch()

    return { ...writes, commit: async () => {
      await gate.pass()
      await writes.commit()
    } }
  }
  await node.services.dialer.ban('203.0.113.0/24', { for: HOUR })
  await gate.arrival
  const stopped = node.stop()
  gate.open()
  await stopped

  const next = await dialling(t, staggered(), { datastore, dialerInit: { bans: { persist: true } } })
  t.is(next.services.dialer.bans.list().length, 1)
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
