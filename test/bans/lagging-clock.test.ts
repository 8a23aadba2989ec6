import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { Bans } from '../../src/bans/bans.ts'
import { DateClock } from '../../src/pipeline/date-clock.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { listed, live, NOW, peer } from './stored-bans.ts'

const DAY = 86_400_000
const WEEK = 7 * DAY

/** A clock that starts ten days behind. `set()` corrects the system time */
function lagging (): { clock: VirtualClock, dates: DateClock, set (ms?: number): void } {
  const clock = new VirtualClock(NOW - 10 * DAY)
  let ahead = 0

  return { clock, dates: new DateClock(clock, () => clock.now() + ahead), set: (ms = 10 * DAY) => { ahead = ms } }
}

test('a ban that is added after the system time was corrected is stored with the right end', async t => {
  const datastore = new MemoryDatastore()
  const { dates, set } = lagging()
  const life = await live(datastore, NOW, dates)
  set()
  life.bans.add(peer, WEEK)
  await life.store.close()
  t.deepEqual(listed(await live(datastore, NOW + WEEK - 1)), { [peer.toString()]: [NOW, NOW + WEEK] })
  t.deepEqual(listed(await live(datastore, NOW + WEEK)), {})
})

test('a ban lasts as long as it was added for when the system time jumps, also after a restart', async t => {
  const datastore = new MemoryDatastore()
  const { clock, dates, set } = lagging()
  const life = await live(datastore, NOW, dates)
  life.bans.add(peer, WEEK)
  life.bans.add('203.0.113.0/24', Infinity)
  await clock.advance(DAY)
  set()
  t.is(life.bans.reasonFor(peer), `/p2p/${peer} is banned until ${new Date(NOW + WEEK).toJSON()}`)
  await settled()

  // without close(): the process was killed
  const second = await live(datastore, NOW + DAY)
  t.deepEqual(listed(second), { [peer.toString()]: [NOW, NOW + WEEK], '203.0.113.0/24': [NOW, Infinity] })
  await clock.advance(WEEK - DAY - 1)
  t.is(life.bans.list().length, 2)
  await clock.advance(1)
  t.is(life.bans.list().length, 1)
})

test('bans that are read before the system time is corrected do not end with the correction', async t => {
  const datastore = new MemoryDatastore()
  const before = await live(datastore)
  before.bans.add(peer, WEEK)
  await before.store.close()

  const { dates, set } = lagging()
  const life = await live(datastore, NOW, dates)
  t.is(life.bans.list().length, 1)
  set(17 * DAY)
  t.is(life.bans.list().length, 1)
})

test('a system time that jumps by 15 years ends no ban', t => {
  const { dates, set } = lagging()
  const bans = new Bans(dates)
  bans.add(peer, WEEK)
  set(15 * 365 * DAY)
  t.not(bans.reasonFor(peer), undefined)
})
