import test from 'ava'
import { backgroundClock, systemClock } from '../../src/pipeline/clock.ts'
import { DateClock, datesOf } from '../../src/pipeline/date-clock.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const DAY = 86_400_000

/** Dates whose wall time is `ahead` milliseconds ahead of their clock */
function scene (): { clock: VirtualClock, dates: DateClock, wall: { ahead: number } } {
  const clock = new VirtualClock()
  const wall = { ahead: 0 }

  return { clock, wall, dates: new DateClock(clock, () => clock.now() + wall.ahead) }
}

test('dates follow the wall time when it is more than 30 s ahead, and count on from there', async t => {
  const { clock, dates, wall } = scene()
  wall.ahead = 30_000
  t.deepEqual([dates.now() - clock.now(), dates.ahead], [0, 0])
  wall.ahead = 30_001
  t.deepEqual([dates.now() - clock.now(), dates.ahead], [30_001, 30_001])
  await clock.advance(500)
  t.is(dates.now() - clock.now(), 30_001)
  wall.ahead = 60_001
  t.is(dates.now() - clock.now(), 30_001)
  wall.ahead = DAY
  t.deepEqual([dates.now() - clock.now(), dates.ahead], [DAY, DAY])
})

test('dates never go back with the wall time', t => {
  const { clock, dates, wall } = scene()
  wall.ahead = DAY
  const date = dates.now()
  wall.ahead = -DAY
  t.is(dates.now(), date)
  t.is(dates.ahead, date - clock.now())
})

test('a jump of the dates neither fires nor delays their timers', async t => {
  const { clock, dates, wall } = scene()
  let hasFired = false
  dates.setTimeout(() => { hasFired = true }, 1_000)
  wall.ahead = DAY
  dates.now()
  await clock.advance(999)
  t.false(hasFired)
  await clock.advance(1)
  t.true(hasFired)
})

test('datesOf() returns one date clock for the system\'s clock, and dates that never jump for others', t => {
  t.is(datesOf(systemClock), datesOf(systemClock))
  t.is(datesOf(datesOf(systemClock)), datesOf(systemClock))
  const { now } = Date
  t.teardown(() => { Date.now = now })
  const later = now() + DAY
  Date.now = () => later
  t.true(datesOf(systemClock).now() >= later)
  const clock = new VirtualClock(0)
  t.is(datesOf(clock).now(), 0)
  t.not(datesOf(backgroundClock), datesOf(systemClock))
})
