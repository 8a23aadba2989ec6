import test from 'ava'
import { UnreadReminder } from '../../src/bans/unread-reminder.ts'
import { DialBarrier } from '../../src/dialer/dials/dial-barrier.ts'
import { Stores } from '../../src/dialer/stores.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { RecordStore } from '../../src/datastore/record-store.ts'
import type { Logger } from '@libp2p/interface'

interface Scene {
  stores: Stores
  barrier: DialBarrier
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
  const barrier = new DialBarrier()
  const bans = { isLoaded: false, loadError: new Error('locked'), open: async () => promise, close: async () => {}, finish: () => {} }
  const reminder = isRequired ? undefined : new UnreadReminder(clock, { error: (...parts: unknown[]) => { log.push(parts) } } as unknown as Logger, () => bans.isLoaded ? undefined : bans.loadError)
  const stores = new Stores({ barrier, reminder, bans: bans as unknown as RecordStore })

  return {
    stores, barrier, clock, log, answer: resolve,
    load: () => {
      bans.isLoaded = true
      stores.update()
    }
  }
}

test('dials wait until the bans are read', async t => {
  const { stores, barrier, clock, answer, load } = scene(true)
  const opened = stores.open()
  answer()
  await opened
  t.false(barrier.isOpen)
  load()
  t.true(barrier.isOpen)
  t.is(clock.pending, 0)
})

test('dials wait for the first attempt to read bans that are not required, and unread bans are logged', async t => {
  const { stores, barrier, clock, log, answer, load } = scene(false)
  const opened = stores.open()
  t.false(barrier.isOpen)
  answer()
  await opened
  t.true(barrier.isOpen)
  t.is(log.length, 1)
  load()
  t.is(clock.pending, 0)
})

test('dials of a node that starts again wait for bans that are still unread', async t => {
  const { stores, barrier, clock, answer } = scene(false)
  answer()
  await stores.open()
  await stores.close()
  t.true(barrier.isOpen)

  const opened = stores.open()
  t.false(barrier.isOpen)
  await opened
  t.true(barrier.isOpen)
  await stores.close()
  t.is(clock.pending, 0)
})

test('closing the stores before or after they opened leaves no timer', async t => {
  for (const isOpenFirst of [false, true]) {
    const { stores, barrier, clock, log, answer } = scene(false)
    const opened = stores.open()

    if (isOpenFirst) {
      answer()
      await opened
    }

    await stores.close()
    answer()
    await settled()
    t.is(clock.pending, 0)
    t.is(barrier.isOpen, isOpenFirst)
    t.is(log.length, Number(isOpenFirst))
  }
})
