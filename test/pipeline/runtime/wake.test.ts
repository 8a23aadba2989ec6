import { AbortError } from '@libp2p/interface'
import test from 'ava'
import { Part } from '../../../src/pipeline/runtime/part.ts'
import { Wake } from '../../../src/pipeline/runtime/live-target.ts'
import { nextTurn } from '../../../src/pipeline/clock.ts'
import { settled, VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { DialHost } from '../../../src/pipeline/runtime/dial-host.ts'

interface Begun {
  clock: VirtualClock
  part: Part
  wake: Wake
}

function begun (): Begun {
  const clock = new VirtualClock(1_000)

  return { clock, part: new Part({ node: { clock } } as unknown as DialHost), wake: new Wake() }
}

test('notify() wakes the waiting part', async t => {
  const { clock, part, wake } = begun()
  const waiting = wake.wait(part, 2_000)
  wake.notify()
  await waiting
  t.is(clock.pending, 0)
})

test('a notification before wait() is kept, and several count as one', async t => {
  const { part, wake } = begun()
  wake.notify()
  wake.notify()
  await wake.wait(part, Infinity)

  const waiting = wake.wait(part, Infinity)
  part.end(new Error('Enough'))
  await t.throwsAsync(waiting, { message: 'Enough' })
})

test('a notification while the waiter wakes does not wake it again', async t => {
  const { part, wake } = begun()
  const waiting = wake.wait(part, Infinity)
  wake.notify()
  wake.notify()
  await waiting

  let isWoken = false
  wake.wait(part, Infinity).then(() => { isWoken = true }, () => {})
  await settled()
  t.false(isWoken)
  part.end(new AbortError())
})

test('wait() resolves at its time, also a past one', async t => {
  const { clock, part, wake } = begun()
  let woken = 0
  const done = (): void => { woken++ }
  void wake.wait(part, 1_500).then(done)
  await clock.advance(499)
  t.is(woken, 0)
  await clock.advance(1)
  t.is(woken, 1)

  void wake.wait(part, 200).then(done)
  await clock.advance(0)
  t.is(woken, 2)
})

test('wait() rejects when the part has ended', async t => {
  const { part, wake } = begun()
  part.end(new Error('Enough'))
  await t.throwsAsync(wake.wait(part, Infinity), { message: 'Enough' })
})

test('the end of the part rejects wait() with its reason, and leaves no timer', async t => {
  const { clock, part, wake } = begun()
  const waiting = wake.wait(part, 2_000)
  part.end(new Error('Enough'))
  await t.throwsAsync(waiting, { message: 'Enough' })
  t.is(clock.pending, 0)
})

test('another part can wait after the end of one', async t => {
  const { clock, part, wake } = begun()
  const ended = wake.wait(part, Infinity)
  part.end(new AbortError())
  await t.throwsAsync(ended, { name: 'AbortError' })

  const waiting = wake.wait(new Part({ node: { clock } } as unknown as DialHost), Infinity)
  wake.notify()
  t.true(await isWoken(waiting))
})

test('endless notifications let the event loop turn', async t => {
  const { part, wake } = begun()
  let hasTurned = false
  nextTurn(() => { hasTurned = true })

  for (let looks = 0; !hasTurned; looks++) {
    t.true(looks < 65, `${looks}`)
    wake.notify()
    await wake.wait(part, Infinity)
  }
})

test('a part that ends during a turn takes no notification from the next', async t => {
  const { clock, part, wake } = begun()

  for (let i = 1; i < 64; i++) {
    wake.notify()
    await wake.wait(part, Infinity)
  }

  const ended = wake.wait(part, Infinity)
  part.end(new AbortError())
  await t.throwsAsync(ended, { name: 'AbortError' })

  const waiting = wake.wait(new Part({ node: { clock } } as unknown as DialHost), Infinity)
  await settled()
  wake.notify()
  t.true(await isWoken(waiting))
})

test('wait() rejects with the reason of a part that ends right after the turn', async t => {
  const { part, wake } = begun()

  for (let i = 1; i < 64; i++) {
    wake.notify()
    await wake.wait(part, Infinity)
  }

  const { onEnd } = part
  part.onEnd = fn => {
    const stop = onEnd.call(part, fn)

    return () => {
      stop()
      queueMicrotask(() => { part.end(new Error('Enough')) })
    }
  }
  await t.throwsAsync(wake.wait(part, Infinity), { message: 'Enough' })
})

async function isWoken (waiting: Promise<unknown>): Promise<boolean> {
  return Promise.race([waiting.then(() => true), settled().then(() => false)])
}
