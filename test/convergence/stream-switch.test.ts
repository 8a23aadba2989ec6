import test from 'ava'
import { followPreferred } from '../../src/convergence/follow-preferred.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { after, isOver, scene } from './following.ts'
import { ScriptedStream } from './scripted-stream.ts'

test('opens the new stream immediately, and switches when the old stream has been idle', async t => {
  const s = scene({ b: after(100) })
  const follower = await s.begin()
  const first = s.nth(0)
  t.is(follower.stream, first.self)

  s.prefer(s.b)
  await s.clock.advance(500)
  t.is(s.opened.length, 2)
  first.receive()
  await s.clock.advance(700)
  first.send()
  await s.clock.advance(999)
  t.is(follower.stream, first.self)
  await s.clock.advance(1)

  const second = s.nth(1)
  t.is(follower.stream, second.self)
  t.deepEqual(s.switches, [[first.self, second.self]])
  t.is(first.writeStatus, 'closed')
  // messages that the remote still sends are readable
  t.is(first.status, 'open')
  t.true(first.isLeft)

  follower.end()
  t.is(second.status, 'open')
  t.true(isOver(s))
})

test('switches as soon as the new stream is open when the old one was idle before', async t => {
  const s = scene({ b: after(100) })
  const follower = await s.begin()
  await s.clock.advance(5_000)
  s.prefer(s.b)
  await s.clock.advance(100)
  t.is(follower.stream, s.nth(1).self)
})

test('does not switch while the old stream has unsent or unread data, or is half closed', async t => {
  for (const held of [{ writeBufferLength: 1 }, { readBufferLength: 1 }, { writableNeedsDrain: true }, { remoteWriteStatus: 'closed' }, { writeStatus: 'closing' }]) {
    const s = scene()
    const follower = await s.begin()
    Object.assign(s.nth(0), held)
    s.prefer(s.b)
    await s.clock.advance(20_000)
    t.is(follower.stream, s.nth(0).self)
    Object.assign(s.nth(0), { writeBufferLength: 0, readBufferLength: 0, writableNeedsDrain: false, remoteWriteStatus: 'writable', writeStatus: 'writable' })
    await s.clock.advance(1_000)
    t.is(follower.stream, s.nth(1).self)
  }
})

test('adds no message listener, so that the application receives all messages', async t => {
  const s = scene()
  const follower = await s.begin()
  const first = s.nth(0)
  // a stream queues messages until it has a listener
  t.is(first.listenerCount('message'), 0)
  let heard = 0
  follower.stream.addEventListener('message', () => { heard++ })
  first.receive()
  t.is(heard, 1)
})

test('keeps the old stream when the new one closes before the switch', async t => {
  const s = scene()
  const follower = await s.begin()
  s.prefer(s.b)
  await s.clock.advance(500)
  s.nth(1).end('reset')
  await s.clock.advance(5_000)
  t.is(follower.stream, s.nth(0).self)
  t.is(s.clock.pending, 0)
  t.true(s.nth(1).isLeft)
  t.is(s.dialer.listenerCount('connection:preferred'), 1)
})

test('aborts the new stream when a third connection becomes preferred, also when it opens late', async t => {
  for (const opening of [after(300), after(300, true), after(0)]) {
    const s = scene({ b: opening })
    const follower = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(200)
    s.prefer(s.c)
    await s.clock.advance(5_000)
    t.is(s.opened.find(({ self }) => self === follower.stream)?.on, 'c')
    t.true(s.opened.every(({ on, status }) => on !== 'b' || status === 'aborted'))
    t.is(s.switches.length, 1)
    follower.end()
    t.true(isOver(s))
  }
})

test.serial('keeps the old stream when open() returns none for another connection', async t => {
  const unhandled = watchUnhandled(t)
  const s = scene()
  // `any`: a wrong value on purpose, which the check at run time refuses
  const follower = await followPreferred(s.dialer, s.a.real, async connection => connection === s.a.real ? new ScriptedStream(connection).self : undefined as any, { clock: s.clock })
  const first = follower.stream
  s.prefer(s.b)
  await s.clock.advance(2_500)
  t.is(follower.stream, first)
  t.regex((first as unknown as ScriptedStream).errors.join(), /open\(\) of followPreferred\(\) returned undefined/)
  t.deepEqual(await unhandled(), [])
  follower.end()
})
