import test from 'ava'
import { Stores } from '../../src/dialer/stores.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { DialBarrier } from '../../src/dialer/dials/dial-barrier.ts'
import type { RecordStore } from '../../src/datastore/record-store.ts'

interface Scene {
  stores: Stores
  engine: { barrier?: DialBarrier }
  /** Lets `open()` resolve */
  answer (): void
  load (): void
}

/** Bans whose opening and loading the test controls */
function scene (areBansRequired: boolean): Scene {
  const { promise, resolve } = Promise.withResolvers<void>()
  const engine: Scene['engine'] = {}
  const bans = { isLoaded: false, open: async () => promise, close: async () => {}, finish: () => {} }
  const stores = new Stores({ engine, areBansRequired, bans: bans as unknown as RecordStore })

  return {
    stores, engine, answer: resolve,
    load: () => {
      bans.isLoaded = true
      stores.update()
    }
  }
}

test('dials wait until the bans are read', async t => {
  const { stores, engine, answer, load } = scene(true)
  const opened = stores.open()
  answer()
  await opened
  t.truthy(engine.barrier)
  load()
  t.falsy(engine.barrier)
})

test('dials wait for the first attempt only to read bans that are not required', async t => {
  const { stores, engine, answer } = scene(false)
  const opened = stores.open()
  t.truthy(engine.barrier)
  answer()
  await opened
  t.falsy(engine.barrier)
})

test('dials of a node that starts again wait for bans that are still unread', async t => {
  const { stores, engine, answer } = scene(false)
  answer()
  await stores.open()
  await stores.close()
  t.falsy(engine.barrier)

  const opened = stores.open()
  t.truthy(engine.barrier)
  await opened
  t.falsy(engine.barrier)
  await stores.close()
})

test('stores that are closed before they have opened keep the barrier closed', async t => {
  for (const isOpenFirst of [false, true]) {
    const { stores, engine, answer } = scene(false)
    const opened = stores.open()

    if (isOpenFirst) {
      answer()
      await opened
    }

    await stores.close()
    answer()
    await settled()
      t.is(engine.barrier == null, isOpenFirst)
  }
})

test('a reading that ends after a restart does not let dials begin before the new reading has ended', async t => {
  const engine: Scene['engine'] = {}
  const answers: Array<() => void> = []
  const bans = { isLoaded: false, open: async () => new Promise<void>(resolve => { answers.push(resolve) }), close: async () => {}, finish: () => {} }
  const stores = new Stores({ engine, areBansRequired: false, bans: bans as unknown as RecordStore })
  const first = stores.open()
  await stores.close()
  const second = stores.open()
  answers[0]?.()
  await first
  t.truthy(engine.barrier)
  answers[1]?.()
  await second
  t.falsy(engine.barrier)
})
