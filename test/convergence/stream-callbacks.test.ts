import test from 'ava'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { isOver, scene } from './following.ts'
import type { StreamFollower } from '../../src/convergence/stream-follower.ts'

test('calls isIdle() when the stream is idle, and again until it returns true', async t => {
  const asked: number[] = []
  const s = scene()
  const follower = await s.begin({ isIdle: stream => {
    t.is(stream, s.nth(0).self)
    asked.push(s.clock.now())

    return asked.length === 3
  } })
  s.prefer(s.b)
  await s.clock.advance(10_000)
  t.deepEqual(asked, [1_000, 2_000, 3_000])
  t.is(follower.stream, s.nth(1).self)
})

test('stays on the old stream when isIdle calls end()', async t => {
  const s = scene()
  const follower: StreamFollower = await s.begin({ isIdle: () => {
    follower.end()

    return true
  } })
  s.prefer(s.b)
  await s.clock.advance(5_000)
  t.is(follower.stream, s.nth(0).self)
  t.is(s.nth(0).status, 'open')
  t.is(s.nth(1).status, 'aborted')
  t.true(isOver(s))
})

test('continues with a third connection that becomes preferred during isIdle()', async t => {
  const s = scene()
  const follower = await s.begin({ isIdle: () => {
    s.prefer(s.c)

    return true
  } })
  s.prefer(s.b)
  await s.clock.advance(5_000)
  t.is(follower.stream, s.nth(2).self)
  t.is(s.nth(1).status, 'aborted')
  follower.end()
  t.true(isOver(s))
})

test('logs callbacks that throw, and continues', async t => {
  const s = scene()
  let mayLeave = false
  const follower = await s.begin({
    isIdle: () => {
      if (!mayLeave) {
        throw new Error('Broken')
      }

      return true
    },
    onSwitch: () => { throw new Error('Broken') }
  })
  s.prefer(s.b)
  await s.clock.advance(2_500)
  t.is(follower.stream, s.nth(0).self)
  t.is(s.nth(0).errors.length, 2)
  mayLeave = true
  await s.clock.advance(1_000)
  t.is(follower.stream, s.nth(1).self)
  t.is(s.nth(1).errors.length, 1)
  t.is(s.nth(0).writeStatus, 'closed')
})

for (const [what, answer] of [['a promise that rejects', rejecting], ['nothing', () => undefined]] as const) {
  test.serial(`logs an isIdle() that returns ${what}, and keeps the old stream`, async t => {
    const unhandled = watchUnhandled(t)
    const s = scene()
    const follower = await s.begin({ isIdle: answer as () => any })
    s.prefer(s.b)
    await s.clock.advance(2_500)
    t.is(follower.stream, s.nth(0).self)
    t.is(s.nth(0).errors.length, 2)
    t.deepEqual(await unhandled(), [])
    follower.end()
  })
}

test.serial('logs an onSwitch() that rejects, and uses the new stream', async t => {
  const unhandled = watchUnhandled(t)
  const s = scene()
  const follower = await s.begin({ onSwitch: rejecting })
  s.prefer(s.b)
  await s.clock.advance(2_500)
  t.is(follower.stream, s.nth(1).self)
  t.deepEqual(await unhandled(), [])
  t.is(s.nth(1).errors.length, 1)
})

test('continues when the logger throws for the error of a callback', async t => {
  const s = scene()
  const follower = await s.begin({ onSwitch: () => { throw new Error('Broken') } })
  s.prefer(s.b)
  await s.clock.advance(500)
  s.nth(1).log.error = () => { throw new Error('No text') }
  await t.notThrowsAsync(s.clock.advance(2_000))
  t.is(follower.stream, s.nth(1).self)
  t.is(s.nth(0).writeStatus, 'closed')
  follower.end()
})
