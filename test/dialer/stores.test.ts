import test from 'ava'
import { UnreadReminder } from '../../src/bans/unread-reminder.ts'
import { Stores } from '../../src/dialer/stores.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { DialBarrier } from '../../src/dialer/dials/dial-barrier.ts'
import type { RecordStore } from '../../src/datastore/record-store.ts'
import type { Logger } from '@libp2p/interface'

interface Scene {
  stores: Stores
  engine: { barrier?: DialBarrier }
  clock: VirtualClock
  log: unknown[]
  /** Lets `open()` resolve */
  answer (): void
  load (): void
}

/** Bans whose opening and loading the test controls */
function scene (isRequired: boolean): Scene {
  const { promise, resolve } = Promise.withResolvers<void>()
  const clock = new VirtualClock()
  const log: unknown[] = []
  const engine: Scene['engine'] = {}
  const bans = { isLoaded: false, loadError: new Error('locked'), open: async () => promise, close: async () => {}, finish: () => {} }
  const reminder = isRequired ? undefined : new UnreadReminder(clock, { error: (...parts: unknown[]) => { log.push(parts) } } as unknown as Logger, () => bans.isLoaded ? undefined : bans.loadError)
  const stores = new Stores({ engine, reminder, bans: bans as unknown as RecordStore })

  return {
    stores, engine, clock, log, answer: resolve,
    load: () => {
      bans.isLoaded = true
      stores.update()
    }
  }
}

test('dials wait until the bans are read', async t => {
  const { stores, engine, clock, answer, load } = scene(true)
  const opened = stores.open()
  answer()
  await opened
  t.truthy(engine.barrier)
  load()
  t.falsy(engine.barrier)
  t.is(clock.pending, 0)
})

test('dials wait for the first attempt to read bans that are not required, and unread bans are logged', async t => {
  const { stores, engine, clock, log, answer, load } = scene(false)
  const opened = stores.open()
  t.truthy(engine.barrier)
  answer()
  await opened
  t.falsy(engine.barrier)
  t.is(log.length, 1)
  load()
  t.is(clock.pending, 0)
})

test('dials of a node that starts again wait for bans that are still unread', async t => {
  const { stores, engine, clock, answer } = scene(false)
  answer()
  await stores.open()
  await stores.close()
  t.falsy(engine.barrier)

  const opened = stores.open()
  t.truthy(engine.barrier)
  await opened
  t.falsy(engine.barrier)
  await stores.close()
  t.is(clock.pending, 0)
})

test('closing the stores before or after they opened leaves no timer', async t => {
  for (const isOpenFirst of [false, true]) {
    const { stores, engine, clock, log, answer } = scene(false)
    const opened = stores.open()

    if (isOpenFirst) {
      answer()
      await opened
    }

    await stores.close()
    answer()
    await settled()
    t.is(clock.pending, 0)
    t.is(engine.barrier == null, isOpenFirst)
    t.is(log.length, Number(isOpenFirst))
  }
})
