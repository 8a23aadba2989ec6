import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { settled } from '../../src/testing/virtual-clock.ts'
import { pairs } from '../datastore/kit.ts'
import { address, begin, listed, live, NOW, peer } from './stored-bans.ts'
import type { Pair } from 'interface-datastore'

/** Returns a datastore with three bans. Its query yields the first, then waits for `rest` */
async function withBans (rest: () => Promise<void>): Promise<{ datastore: MemoryDatastore, before: Pair[], repair: () => void }> {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, Infinity)
  first.bans.add(address, Infinity)
  first.bans.add('198.51.100.0/24', Infinity)
  await first.store.close()
  const before = pairs(datastore)
  const query = datastore.query.bind(datastore)
  datastore.query = async function * (request) {
    yield before[0] as Pair
    await rest()
    yield * query(request)
  }

  return { datastore, before, repair: () => { datastore.query = query } }
}

test('a ban made before the store is read is merged with the stored one, and the later expiry counts', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, 60_000)
  first.bans.add(address, 1_000)
  await first.store.close()

  const second = begin(datastore)
  second.bans.add(peer, 1_000)
  second.bans.add(address, 60_000)
  await settled()
  await second.store.open()
  t.deepEqual(listed(second), { [peer.toString()]: [NOW, NOW + 60_000], [address.toString()]: [NOW, NOW + 60_000] })
  await second.store.close()
  t.deepEqual(listed(await live(datastore)), listed(second))
})

test('the callback runs after each attempt to read, with the bans that were read', async t => {
  const { datastore, repair } = await withBans(async () => { throw new Error('locked') })
  const calls: unknown[] = []
  const life = begin(datastore, NOW, keys => { calls.push(keys.size, life.bans.isLoaded) })
  life.bans.add('10.0.0.0/8', 1_000)
  await life.store.open()
  repair()
  await life.clock.advance(1_000)
  t.deepEqual(calls, [1, false, 2, true])
  await life.store.close()
})

test('open() succeeds and logs when the datastore cannot be read, and bans work', async t => {
  const datastore = new MemoryDatastore()
  datastore.query = () => { throw new Error('gone') }
  const { bans, log } = await live(datastore)
  bans.add(peer, 1_000)
  t.not(bans.reasonFor(peer), undefined)
  t.is(log.length, 1)
})

test('bans that are read late are merged with new ones, and not overwritten before', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { datastore, before, repair } = await withBans(async () => promise)
  const life = begin(datastore)
  await life.clock.until(life.store.open())
  t.is(life.clock.now(), NOW + 10_000)
  t.is(life.bans.list().length, 1)
  life.bans.add('10.0.0.0/8', Infinity)
  await life.clock.advance(60_000)
  t.is(life.log.length, 3)
  t.deepEqual(pairs(datastore), before)
  resolve()
  await settled()
  t.is(life.bans.list().length, 4)
  repair()
  t.is((await live(datastore)).bans.list().length, 4)
})

test('a ban removed before the store is read stays removed, and one that expired before does not remove the stored one', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { datastore, repair } = await withBans(async () => promise)
  const life = begin(datastore)
  life.bans.add(peer, 1_000)
  await life.clock.until(life.store.open())
  life.bans.remove('198.51.100.0/24')
  life.bans.remove(address)
  life.bans.add(address, 60_000)
  resolve()
  await settled()
  t.deepEqual(listed(life), { [peer.toString()]: [NOW, Infinity], [address.toString()]: [NOW + 10_000, NOW + 70_000] })
  repair()
  t.deepEqual(listed(await live(datastore, life.clock.now())), listed(life))
})

for (const [others, isBanned] of [[9_999, false], [10_000, true]] as const) {
  test(`a ban removed before the store is read ${isBanned ? 'comes back' : 'stays removed'} when ${others} others were removed before`, async t => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { datastore } = await withBans(async () => promise)
    const { bans, clock, store } = begin(datastore)
    await clock.until(store.open())

    for (let i = 0; i < others; i++) {
      bans.remove(`10.0.${i >> 8}.${i & 255}`)
    }

    bans.remove('198.51.100.0/24')
    resolve()
    await settled()
    t.true(bans.isLoaded)
    t.is(bans.reasonFor(multiaddr('/ip4/198.51.100.1/tcp/1')) != null, isBanned)
  })
}
