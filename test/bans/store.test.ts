import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { Bans } from '../../src/bans/bans.ts'
import { banStore } from '../../src/bans/store.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { encodeRecord } from '../../src/datastore/record-format.ts'
import type { RecordStore } from '../../src/datastore/record-store.ts'
import type { Logger } from '@libp2p/interface'
import type { Datastore, Pair } from 'interface-datastore'

const NOW = Date.UTC(2026, 0, 1)
// the ban of the peer and the ban of the address are in different records
const peer = peerIdFromString('12D3KooWEvWVGac8yqEd8JPXU6dBRSDmvpbc8yFhkcxUQHCQPni5')
const address = multiaddr('/ip4/203.0.113.5/tcp/1')

interface Life {
  clock: VirtualClock
  bans: Bans
  store: RecordStore
  log: string[]
}

function begin (datastore: Datastore, now: number = NOW, onRead?: (keys: ReadonlySet<string>) => void): Life {
  const log: string[] = []
  const write = (...parts: unknown[]): void => { log.push(parts.join(' ')) }
  const clock = new VirtualClock(now)
  const bans = new Bans(clock)

  return { clock, bans, log, store: banStore(bans, datastore, clock, Object.assign(write, { error: write }) as unknown as Logger, onRead) }
}

async function live (datastore: Datastore, now?: number): Promise<Life> {
  const life = begin(datastore, now)
  await life.store.open()

  return life
}

function pairs (datastore: MemoryDatastore): Pair[] {
  return [...MemoryDatastore.prototype.query.call(datastore, {}) as Generator<Pair>]
}

const listed = ({ bans }: Life): Record<string, unknown> => Object.fromEntries(bans.list().map(({ target, since, until }) => [target.toString(), [since, until]]))

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

test('closing a store that was never opened writes nothing', async t => {
  const datastore = new MemoryDatastore()
  const { bans, store } = begin(datastore)
  bans.add(peer, 1_000)
  await store.close()
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

test('damaged, foreign and incompatible stored bans are skipped and counted in the log', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, 60_000)
  await first.store.close()

  const [{ key, value }] = pairs(datastore) as [Pair]
  const others = [value.subarray(0, -3), value.with(0, 2), value, new TextEncoder().encode('{}'), new Uint8Array()]
  others.forEach((bytes, i) => { void datastore.put(new Key(`/dial-pipeline/bans/${(Number(key.name()) + 1 + i) % 32}`), bytes) })

  const second = await live(datastore)
  t.deepEqual(listed(second), listed(first))
  t.is(second.log.length, 1)
  t.regex(second.log[0] ?? '', /^skipped %d records .* 5 bans \/dial-pipeline\/bans\/\d+$/)
})

/** Writes bans into a record like a version that divides them differently */
function write (datastore: MemoryDatastore, shard: number, bans: unknown): void {
  const key = new Key(`/dial-pipeline/bans/${shard}`)
  void datastore.put(key, encodeRecord(1, key.toString(), bans))
}

test('bans found in a wrong record are moved to their own', async t => {
  const datastore = new MemoryDatastore()
  const texts = ['/ip6/2001:db8::5/tcp/1', '/dns4/names.example/tcp/1', '64:ff9b::cb00:7105/128', '2001:db8::/48', '10.0.0.0/8']
  write(datastore, 7, texts.map(text => [text, NOW, null]))
  const second = await live(datastore)
  t.deepEqual(Object.keys(listed(second)), texts)
  second.bans.add('10.1.0.0/16', Infinity)
  await second.store.close()
  t.true(pairs(datastore).length > 2)

  const third = await live(datastore)
  t.deepEqual(listed(third), listed(second))
  t.not(third.bans.reasonFor(multiaddr('/ip4/203.0.113.5/tcp/1')), undefined)
  third.bans.list().forEach(({ target }) => { third.bans.remove(target) })
  await third.store.close()
  t.deepEqual(pairs(datastore), [])
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

test('the same unreadable record is copied once, however often a write fails', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, Infinity)
  await first.store.close()
  const [{ key }] = pairs(datastore) as [Pair]
  const damaged = Uint8Array.of(1, 2, 3)
  await datastore.put(key, damaged)

  const second = await live(datastore)
  const batch = datastore.batch.bind(datastore)
  let failures = 0
  datastore.batch = () => ({
    ...batch(),
    put: (key, value) => { void datastore.put(key, value) },
    commit: async () => { if (++failures < 4) { throw new Error('disk full') } }
  })
  second.bans.add(peer, 60_000)
  await second.clock.advance(10_000)
  await second.store.close()
  t.is(failures, 4)
  t.deepEqual(pairs(datastore).filter(({ key }) => key.toString().startsWith('/dial-pipeline/unreadable-bans/')).map(({ value }) => value), [damaged])
})

test('an unreadable record is copied before it is overwritten', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(peer, Infinity)
  await first.store.close()
  const [{ key, value }] = pairs(datastore) as [Pair]
  const later = value.with(0, 2)
  await datastore.put(key, later)

  const second = await live(datastore)
  t.regex(second.log[0] ?? '', /^skipped %d records .* 1 bans /)
  // the ban goes to another record, and this one stays unchanged
  second.bans.add(address, Infinity)
  await settled()
  t.deepEqual(await datastore.get(key), later)

  const batch = datastore.batch.bind(datastore)
  datastore.batch = () => ({ ...batch(), commit: async () => { throw new Error('disk full') } })
  second.bans.add(peer, 60_000)
  await settled()
  datastore.batch = batch
  await second.store.close()
  t.notDeepEqual(await datastore.get(key), later)
  t.deepEqual(pairs(datastore).filter(({ key }) => key.toString().startsWith('/dial-pipeline/unreadable-bans/')).map(({ value }) => value), [later])

  const third = await live(datastore)
  t.deepEqual(listed(third), listed(second))
  t.deepEqual(third.log, [])
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

test('an unreadable ban does not keep the others of its record from being read', async t => {
  const datastore = new MemoryDatastore()
  const bad = [['nonsense', 1, 2], [`/dns4/${'a'.repeat(2_000)}`, NOW, null]]
  write(datastore, 7, [...bad, [peer.toString(), NOW, null], ...bad])
  const { bans, log } = await live(datastore)
  t.deepEqual(bans.list().map(({ target }) => target.toString()), [peer.toString()])
  t.is(log.length, 1)
})

test('a record with one unreadable ban is copied before it is overwritten', async t => {
  const datastore = new MemoryDatastore()
  write(datastore, 7, [['nonsense', 1, 2], [peer.toString(), NOW, null]])
  const [record] = pairs(datastore)
  const { store } = await live(datastore)
  await store.close()
  t.deepEqual(pairs(datastore).filter(({ key }) => key.toString().startsWith('/dial-pipeline/unreadable-bans/')).map(({ value }) => value), [record?.value])
})

test('a failed write of a ban is repeated with the next one', async t => {
  const datastore = new MemoryDatastore()
  const { bans, store, log } = await live(datastore)
  const batch = datastore.batch.bind(datastore)
  datastore.batch = () => ({ ...batch(), commit: async () => { throw new Error('disk full') } })
  bans.add(peer, 60_000)
  await store.close()
  t.is(log.length, 1)

  datastore.batch = batch
  bans.add(address, 60_000)
  await store.close()
  t.is((await live(datastore)).bans.list().length, 2)
})

test('open() succeeds and logs when the datastore cannot be read, and bans work', async t => {
  const datastore = new MemoryDatastore()
  datastore.query = () => { throw new Error('gone') }
  const { bans, log } = await live(datastore)
  bans.add(peer, 1_000)
  t.not(bans.reasonFor(peer), undefined)
  t.is(log.length, 1)
})

for (const [how, batch] of Object.entries<() => any>({
  'throws at batch()': () => { throw new Error('disk full') },
  'throws at put()': () => ({ put: () => { throw new Error('disk full') }, commit: () => {} }),
  'throws at commit()': () => ({ put: () => {}, commit: () => { throw new Error('disk full') } }),
  'rejects with null': () => ({ put: () => {}, commit: async () => { throw null as unknown as Error } }),
  'has no batch': () => undefined
})) {
  test(`a failed write is retried without another ban: a datastore that ${how}`, async t => {
    const datastore = new MemoryDatastore()
    const { clock, bans, store, log } = await live(datastore)
    const works = datastore.batch.bind(datastore)
    let tried = 0
    datastore.batch = () => {
      tried++
      return batch()
    }
    bans.add(peer, Infinity)

    for (let i = 0; i < 100; i++) {
      bans.add(`10.0.0.${i}/32`, Infinity)
      await clock.advance(1_000)
    }

    t.is(tried, 7)
    t.is(log.length, 7)
    datastore.batch = works
    await clock.advance(60_000)
    t.is((await live(datastore)).bans.list().length, 101)
    await store.close()
    t.is(clock.pending, 0)
  })
}

test('close() waits 10 s at most for a write that hangs, and no other write starts', async t => {
  const datastore = new MemoryDatastore()
  const { clock, bans, store, log } = await live(datastore)
  let tried = 0
  datastore.batch = () => {
    tried++
    return { put: () => {}, delete: () => {}, commit: async () => new Promise(() => {}) }
  }

  for (let i = 0; i < 10; i++) {
    bans.add(`10.0.0.${i}/32`, Infinity)
    await clock.advance(900)
  }

  await clock.until(store.close())
  t.is(clock.now(), NOW + 10_000)
  t.is(tried, 1)
  t.is(log.length, 1)
})

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

test('bans that are read late are merged with new ones, and not overwritten before', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { datastore, before, repair } = await withBans(async () => promise)
  const life = begin(datastore)
  await life.clock.until(life.store.open())
  t.is(life.clock.now(), NOW + 10_000)
  t.is(life.bans.list().length, 1)
  life.bans.add('10.0.0.0/8', Infinity)
  await life.clock.advance(60_000)
  t.is(life.log.length, 1)
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

test('a failed read is retried, and nothing is written before it succeeds', async t => {
  let isBroken = true
  const { datastore, before, repair } = await withBans(async () => { if (isBroken) { throw new Error('locked') } })
  const life = begin(datastore)
  await life.store.open()
  t.is(life.bans.list().length, 1)
  const [read] = life.bans.list().map(({ target }) => target)
  t.true(life.bans.remove(read as string))
  life.bans.add('10.0.0.0/8', Infinity)
  await life.clock.advance(5_000)
  await life.store.close()
  t.deepEqual(pairs(datastore), before)

  isBroken = false
  await life.store.open()
  t.is(life.bans.list().length, 3)
  t.is(life.bans.list().some(({ target }) => target.toString() === read?.toString()), false, 'one that was removed after it was read stays removed')
  await life.store.close()
  repair()
  t.deepEqual(listed(await live(datastore)), listed(life))
})

/** Two bans in the same record */
const [ENDS, STAYS] = ['203.0.113.12', '203.0.113.49'] as const

test('a closed store does not overwrite what a later store wrote', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.bans.add(ENDS, 1_500)
  first.store.finish()
  const second = await live(datastore)
  t.deepEqual(Object.keys(listed(second)), [ENDS])
  second.bans.add(STAYS, Infinity)
  await settled()

  await first.clock.advance(1_500)
  t.deepEqual(first.bans.list(), [])
  await settled()
  await first.store.close()
  t.deepEqual(Object.keys(listed(await live(datastore))), [ENDS, STAYS])
})

test('a store waits for the pending write of a closed store before it reads', async t => {
  const datastore = new MemoryDatastore()
  let end = (): void => {}
  const written = new Promise<void>(resolve => { end = resolve })
  const batch = datastore.batch.bind(datastore)
  datastore.batch = () => {
    const { put, delete: remove, commit } = batch()

    return { put, delete: remove, commit: async () => {
      await written
      await commit()
    } }
  }

  const first = await live(datastore)
  first.bans.add(STAYS, Infinity)
  first.store.finish()
  const second = begin(datastore)
  const opened = second.store.open()
  await settled()
  t.false(second.bans.isLoaded)
  end()
  await opened
  t.deepEqual(Object.keys(listed(second)), [STAYS])
})

test('a store waits for the read and write of a store that was closed while reading', async t => {
  const datastore = new MemoryDatastore()
  const query = datastore.query.bind(datastore)
  let answer = (): void => {}
  const answered = new Promise<void>(resolve => { answer = resolve })
  datastore.query = async function * (request) {
    await answered
    yield * query(request)
  }

  const first = begin(datastore)
  void first.store.open()
  first.bans.add(ENDS, Infinity)
  first.store.finish()
  const second = begin(datastore)
  const opened = second.store.open()
  await settled()
  answer()
  await opened
  t.deepEqual(Object.keys(listed(second)), [ENDS])
})
