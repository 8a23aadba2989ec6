import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { settled } from '../../src/testing/virtual-clock.ts'
import { pairs } from '../datastore/kit.ts'
import { address, listed, live, NOW, peer } from './stored-bans.ts'

test('bans survive a restart until they expire or are removed', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, 60_000)
  first.bans.add(address, Infinity)
  first.bans.add('2001:db8::/48', 120_000)
  first.bans.add('203.0.113.0/24', 5_000)
  first.bans.add('198.51.100.0/24', Infinity)
  first.bans.remove('198.51.100.0/24')
  await first.store.close()
  const before = listed(first)

  const second = await live(datastore, NOW + 1_000)
  t.deepEqual(listed(second), before)
  t.not(second.bans.reasonFor(peer), undefined)
  t.true(second.bans.remove(address))
  await second.store.close()

  const third = await live(datastore, NOW + 10_000)
  t.deepEqual(listed(third), { '2001:db8::/48': [NOW, NOW + 120_000], [peer.toString()]: [NOW, NOW + 60_000] })
  await third.store.close()
  t.deepEqual(third.log, [])
  t.is(third.clock.pending, 0)
})

test('a ban is written immediately, so that it survives a crash', async t => {
  const datastore = new MemoryDatastore()
  const { bans } = await live(datastore)
  bans.add(peer, 60_000)
  await settled()
  t.not((await live(datastore)).bans.reasonFor(peer), undefined)
})

test('reading bans writes nothing, and expired bans are removed from the datastore', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, 60_000)
  await first.store.close()
  const [written] = pairs(datastore)

  const { store } = await live(datastore, NOW + 1)
  await store.close()
  t.is(pairs(datastore)[0]?.value, written?.value)

  await live(datastore, NOW + 60_000)
  await settled()
  t.deepEqual(pairs(datastore), [])
})

test('a clock set back before a restart does not extend a ban', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, 60_000)
  await first.store.close()

  const earlier = NOW - 1_000_000
  t.deepEqual(listed(await live(datastore, earlier)), { [peer.toString()]: [earlier, earlier + 60_000] })
})

test('a ban that was added as text can be removed with the same text after a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  const texts = [peer.toString(), `/ip4/203.0.113.5/tcp/1/p2p/${peer}`, '198.51.100.7', '2001:db8::7', '192.0.2.0/24']
  texts.forEach(text => { first.bans.add(text, Infinity) })
  await first.store.close()
  const second = await live(datastore)
  t.deepEqual(listed(second), listed(first))
  texts.forEach(text => { t.true(second.bans.remove(text), text) })
  t.deepEqual(second.bans.list(), [])
})

test('the store reads its own records beside 2,000 others', async t => {
  const datastore = new MemoryDatastore()

  for (let i = 32; i < 2_000; i++) {
    await datastore.put(new Key(`/dial-pipeline/bans/${i}`), Uint8Array.of(i))
  }

  const first = await live(datastore)
  first.bans.add(peer, Infinity)
  await first.store.close()
  const second = await live(datastore)
  t.true(second.bans.isLoaded)
  t.deepEqual(listed(second), listed(first))
  await second.store.close()
})

test('the store logs that it reads only the first 1,000 of 1,001 records', async t => {
  const datastore = new MemoryDatastore()

  for (let i = 0; i < 1_000; i++) {
    await datastore.put(new Key(`/dial-pipeline/bans/other ${i}`), new Uint8Array())
  }

  const { log } = await live(datastore)
  t.false(log.join().includes('read no more than'))
  await datastore.put(new Key('/dial-pipeline/bans/another'), new Uint8Array())
  const { log: longer } = await live(datastore)
  t.regex(longer[0] ?? '', /^read no more than %d records .* 1000 bans /)
})

test('bans are spread over 32 records', async t => {
  const datastore = new MemoryDatastore()
  const { bans } = await live(datastore)

  for (let i = 0; i < 500; i++) {
    bans.add(`10.0.${i >> 8}.${i & 255}`, Infinity)
  }

  await settled()
  t.deepEqual(pairs(datastore).map(({ key }) => Number(key.name())).toSorted((a, b) => a - b), Array.from({ length: 32 }, (_, n) => n))
})

test('an expired ban is removed from the datastore when it is looked up', async t => {
  const datastore = new MemoryDatastore()
  const { bans, clock } = await live(datastore)
  bans.add(peer, 1_000)
  await clock.advance(999)
  t.not(bans.reasonFor(peer), undefined)
  await settled()
  t.is(pairs(datastore).length, 1)

  await clock.advance(1)
  t.is(bans.reasonFor(peer), undefined)
  await settled()
  t.deepEqual(pairs(datastore), [])
})
