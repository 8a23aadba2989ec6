import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { dose } from '../support/dose.ts'
import { pairs } from '../datastore/kit.ts'
import { connects, HOUR, silent, systemError } from './learning.ts'
import { begin, everything, isClose, live, one, other, peer, three, two } from './stored-history.ts'
import type { Ending } from './learning.ts'

test('evidence survives a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, connects)
  first.tell(two, silent)
  first.tell(two, silent)
  first.tell(three, { fails: 30, heard: 20, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) })
  first.history.unreachable(other)
  await first.store.close()

  const second = await live(datastore)
  t.is(JSON.stringify(second.history.failures(two)), JSON.stringify({ count: 2, at: 1_000_000, isWrongPeer: false }))
  t.true(second.history.failures(three)?.isWrongPeer)
  isClose(t, everything(second), everything(first))
  t.deepEqual(second.log, [])
})

test('records that an outage changed are stored as they were before', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, connects)
  first.tell(three, silent)
  await first.clock.advance(10_000)

  for (const address of [one, two, three]) {
    first.tell(address, silent)
  }

  first.history.unreachable(peer)
  await first.clock.advance(30_000)
  const during = await live(datastore, first.clock)
  t.deepEqual([one, two, three].map(one => during.history.failures(one)?.count), [1, 1, 2])

  first.history.connected(await newPeer())
  await first.clock.advance(30_000)
  const after = await live(datastore, first.clock)
  t.deepEqual([one, two, three].map(one => after.history.failures(one)?.count), [undefined, undefined, 1])
  isClose(t, everything(after), everything(first))
})

test('a node recognises its own export after a restart', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, connects)
  const text = await first.history.export()
  await first.store.close()

  const second = await live(datastore)
  t.is(await second.history.merge(text), 0)
  t.is(JSON.parse(await second.history.export()).member, JSON.parse(text).member)
  isClose(t, everything(second), everything(first))
  t.deepEqual(second.log, [])
  t.is(await (await live(new MemoryDatastore())).history.merge(text), 1)
})

test('merged evidence is not stored', async t => {
  const [datastore, theirs] = [new MemoryDatastore(), await live(new MemoryDatastore())]
  theirs.tell(one, connects)
  const first = await live(datastore)
  await first.history.merge(await theirs.history.export())
  await first.clock.advance(30_000)
  await first.store.close()

  t.deepEqual(pairs(datastore), [])
})

test('stored evidence decays while the node is down', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore, new VirtualClock(100 * HOUR))
  Array.from({ length: 3 }, () => { first.tell(one, connects) })
  const { success } = first.history.estimate(one)
  await first.store.close()

  const later = await live(datastore, new VirtualClock(148 * HOUR))
  t.true(later.history.estimate(one).success < 0.51)
  // to a clock that was set back, the evidence counts as new
  const earlier = await live(datastore, new VirtualClock(1_000))
  t.true(Math.abs(earlier.history.estimate(one).success - success) < 1e-3)
  await earlier.clock.advance(48 * HOUR)
  t.true(earlier.history.estimate(one).success < 0.51)
})

test('evidence gathered before the store is read is merged with it', async t => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)
  first.tell(one, silent)
  first.tell(three, silent)
  await first.store.close()

  const { clock, history, store, tell } = begin(datastore)
  tell(one, connects)
  // the history was not read yet, so close() does not overwrite it
  await store.close()
  t.is((await live(datastore)).history.failures(one)?.count, 1)

  await store.open()
  t.is(history.failures(one), undefined)
  t.is(history.failures(three)?.count, 1)
  await clock.advance(30_000)
  await store.close()
  t.is((await live(datastore)).history.failures(one), undefined)
})

const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.record({ connects: fc.nat(10_000), heard: fc.option(fc.nat(100), { nil: undefined }) }),
  fc.record({ fails: fc.nat(10_000), error: fc.constantFrom(systemError('ECONNREFUSED'), systemError('ENETUNREACH')) }),
  fc.record({ cancelled: fc.nat(10_000) })
)

testProp('random evidence is the same after a restart', [fc.array(fc.tuple(fc.constantFrom(one, two, three), ending, fc.nat(HOUR)), { maxLength: 40 })], async (t, attempts) => {
  const datastore = new MemoryDatastore()
  const first = await live(datastore)

  for (const [candidate, ending, pause] of attempts) {
    first.tell(candidate, ending)
    await first.clock.advance(pause)
  }

  await first.store.close()
  const second = await live(datastore, first.clock)
  isClose(t, everything(second), everything(first))
}, { numRuns: dose(30) })
