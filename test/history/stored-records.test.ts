import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import { pairs } from '../datastore/kit.ts'
import { connects, silent, to } from './learning.ts'
import { peerName } from './fleet/fleet.ts'
import { live, one, peer, three } from './stored-history.ts'
import type { Pair } from 'interface-datastore'

test('only changed records are written', async t => {
  const datastore = new MemoryDatastore()
  const { clock, store, tell } = await live(datastore)

  for (let n = 0; n < 200; n++) {
    tell(to(`/ip4/7.7.${n}.1/tcp/1`, peer), silent)
  }

  await clock.advance(30_000)
  const before = new Map(pairs(datastore).map(({ key, value }) => [key.toString(), value]))
  tell(to('/ip4/7.7.1.1/tcp/1', peer), silent)
  await store.close()
  const changed = pairs(datastore).filter(({ key, value }) => before.get(key.toString()) !== value).map(({ key }) => key.toString().split('/')[4] as string)

  t.deepEqual(changed.toSorted((a, b) => a.localeCompare(b)), ['addresses', 'classes', 'peers', 'prefixes'])
})

test('damaged, foreign and incompatible records are skipped and counted in the log', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  Array.from({ length: 100 }, (_, n) => { first.tell(to(`/ip4/7.7.${n}.1/tcp/1`, peer), connects) })
  await first.store.close()
  const [torn, newer, alien, moved] = pairs(datastore).filter(({ key }) => key.toString().includes('/addresses/')) as [Pair, Pair, Pair, Pair]
  await datastore.put(torn.key, torn.value.subarray(0, torn.value.length / 2))
  await datastore.put(newer.key, newer.value.with(0, 3))
  await datastore.put(alien.key, Uint8Array.from([0, 255, 1]))
  await datastore.put(new Key('/dial-pipeline/history/unnamed/what/0'), moved.value)
  await datastore.put(new Key('/dial-pipeline/history/unnamed/peers/0'), new TextEncoder().encode('null'))

  const second = await live(datastore)
  t.is(second.log.length, 1)
  t.regex(second.log[0] ?? '', /^skipped %d records .* 5 dial history \/dial-pipeline\/history\/unnamed\//)
  t.true([...second.history.networks.current.addresses].length > 50)
})

test('named networks are stored separately, and the unnamed one is deleted when it is left', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, silent)
  await first.clock.advance(30_000)
  t.true(pairs(datastore).some(({ key }) => key.toString().startsWith('/dial-pipeline/history/unnamed/')))

  first.history.networkChanged('../home \ud800')
  first.tell(one, silent)
  first.tell(one, silent)
  first.history.networkChanged('café')
  await first.store.close()
  t.false(pairs(datastore).some(({ key }) => key.toString().startsWith('/dial-pipeline/history/unnamed/')))

  const second = await live(datastore)
  t.is(second.history.failures(one), undefined)
  second.history.networkChanged('../home \ud800')
  t.is(second.history.failures(one)?.count, 2)
})

test('failed writes back off, and then write the remembered networks', async t => {
  const datastore = new MemoryDatastore()
  const { batch } = datastore
  const attempts: number[] = []
  const { clock, history, store, tell } = await live(datastore)
  datastore.batch = () => {
    let operations = 0
    const count = (): void => { operations++ }

    return {
      put: count,
      delete: count,
      commit: async () => {
        attempts.push(operations)
        throw new Error('disk full')
      }
    }
  }

  for (let n = 0; n < 360; n++) {
    history.networkChanged(`network ${n}`)
    tell(one, silent)
    await clock.advance(10_000)
  }

  t.is(attempts.length, 20, 'in an hour: after 1, 2, 4, … 256 s, then every 300 s')
  t.true(Math.max(...attempts) <= 50)

  datastore.batch = batch
  await store.close()
  const second = await live(datastore)
  second.history.networkChanged('network 359')
  t.is(second.history.failures(one)?.count, 1)
  t.true(pairs(datastore).every(({ key }) => /%20(35[2-9])/.test(key.toString())))
})

test('networks beyond eight are deleted when they are read', async t => {
  const datastore = new MemoryDatastore()

  for (const letter of ['a', 'b']) {
    const other = new MemoryDatastore()
    const { history, store, tell } = await live(other)

    for (let n = 0; n < 8; n++) {
      history.networkChanged(`${letter}${n}`)
      tell(one, silent)
    }

    await store.close()
    pairs(other).forEach(({ key, value }) => { void datastore.put(key, value) })
  }

  const { store } = await live(datastore)
  await store.close()
  const networks = new Set(pairs(datastore).map(({ key }) => key.toString().split('/')[3]))
  t.is(networks.size, 8)
})

test('each level is stored in its number of records, 30 s after a change', async t => {
  const datastore = new MemoryDatastore()
  const { clock, store, tell } = await live(datastore)

  for (let n = 0; n < 400; n++) {
    const host = n % 2 === 0 ? `/ip4/7.${n >> 8}.${n & 255}.7` : `/ip6/2a01:${n}::1`
    const transport = ['/tcp/1', '/tcp/1/ws', '/udp/1/quic-v1'][n % 3] as string
    tell({ ...to(`${host}${transport}/p2p/${peerName(n)}`), provenance: [{ source: `tracker-${n % 5}` }] }, connects)
  }

  await clock.advance(29_999)
  t.deepEqual(pairs(datastore), [])
  await clock.advance(1)
  const levels = pairs(datastore).map(({ key }) => key.toString().split('/')[4])
  t.deepEqual(Object.fromEntries(['addresses', 'peers', 'prefixes', 'classes', 'sources', 'kinds'].map(level => [level, levels.filter(one => one === level).length])), {
    addresses: 32, peers: 32, prefixes: 8, classes: 1, sources: 1, kinds: 1
  })
  await store.close()
})

function * foreign (count: number): Generator<Pair> {
  for (let i = 0; i < count; i++) {
    yield { key: new Key('/dial-pipeline/history/foreign'), value: new Uint8Array() }
  }
}

test('the store reads all of 10,000 records', async t => {
  const datastore = new MemoryDatastore()
  datastore.query = () => foreign(10_000)
  const { log } = await live(datastore)
  t.false(log.join().includes('read no more than'))
})

test('a record beyond the first 10,000 is read before it is overwritten', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, silent)
  const { member } = JSON.parse(await first.history.export())
  await first.store.close()

  const { query } = datastore
  datastore.query = () => foreign(10_001)
  const { history, log, store, tell } = await live(datastore)
  t.regex(log[0] ?? '', /^read no more than /)
  tell(three, silent)
  // a change of all records, and of the node's name
  history.networks.onChange?.(undefined)
  history.networks.onNamed?.()
  await store.close()

  datastore.query = query
  const again = await live(datastore)
  t.deepEqual([one, three].map(address => again.history.failures(address)?.count), [1, 1])
  t.is(again.history.networks.member, member)
})
