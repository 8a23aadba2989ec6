import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { followPreferred } from '../../src/convergence/follow-preferred.ts'
import { after, fails, isOver, isReset, scene } from './following.ts'
import { ScriptedConnection, ScriptedStream } from './scripted-stream.ts'
import type { OpenStream } from '../../src/convergence/stream-follower.ts'

test('follows a connection that becomes the preferred one while the first stream opens', async t => {
  const s = scene({ a: after(300) })
  const begun = s.begin()
  s.prefer(s.b)
  const follower = await s.clock.until(begun)
  await s.clock.advance(1_000)
  t.is(follower.stream, s.nth(1).self)
})

test('moves off a connection that is not the preferred one when following begins', async t => {
  const s = scene()
  s.prefer(s.b)
  const follower = await s.begin()
  t.is(follower.stream, s.nth(0).self)
  await s.clock.advance(1_000)
  t.is(follower.stream, s.nth(1).self)
  t.is(s.switches.length, 1)
})

test('throws what open() throws for the first stream, and leaves nothing', async t => {
  const s = scene({ a: fails })
  await t.throwsAsync(s.begin(), { message: 'Refused' })
  t.true(isOver(s))
})

test('ends within a second when open() returns a stream that is already closed', async t => {
  const s = scene({ a: isReset })
  const follower = await s.begin()
  t.is(follower.stream, s.nth(0).self)
  await s.clock.advance(1_000)
  t.true(isOver(s))
  s.prefer(s.b)
  await s.clock.advance(10_000)
  t.is(s.opened.length, 1)
})

test('follows to the preferred connection when the first stream was lost with its connection', async t => {
  const s = scene({ a: isReset })
  s.a.status = 'closed'
  s.prefer(s.b)
  const follower = await s.begin()
  await s.clock.advance(1)
  t.is(follower.stream, s.nth(1).self)
})

test('ignores repeated events, and events of other peers', async t => {
  const s = scene()
  await s.begin()
  s.prefer(new ScriptedConnection('other', 'other'))
  s.prefer(s.b)
  s.prefer(s.b)
  await s.clock.advance(5_000)
  s.prefer(s.b)
  await s.clock.advance(5_000)
  t.is(s.opened.length, 2)
  t.is(s.switches.length, 1)
})

test('keeps the current stream when its connection becomes the preferred one again', async t => {
  const s = scene()
  const follower = await s.begin()
  s.prefer(s.b)
  await s.clock.advance(500)
  s.prefer(s.a)
  t.is(s.clock.pending, 0)
  await s.clock.advance(5_000)
  t.is(follower.stream, s.nth(0).self)
  t.is(s.nth(1).status, 'aborted')
  t.is(s.clock.pending, 0)
})

test('keeps the old stream when the new one cannot be opened, and follows the next preferred connection', async t => {
  const s = scene({ b: fails })
  const follower = await s.begin()
  s.prefer(s.b)
  await s.clock.advance(5_000)
  t.is(follower.stream, s.nth(0).self)
  t.is(s.nth(0).status, 'open')
  s.prefer(s.c)
  await s.clock.advance(0)
  t.is(follower.stream, s.nth(1).self)
  t.is(s.nth(1).on, 'c')
})

test('throws when open() returns no stream for the first connection, and removes its listeners', async t => {
  const s = scene()
  const following = followPreferred(s.dialer, s.a.real, async () => undefined as any, { clock: s.clock })
  await t.throwsAsync(following, { name: 'InvalidParametersError', message: 'open() of followPreferred() returned undefined: return the stream' })
  t.true(isOver(s))
})

test('throws for a node instead of a dialer or a connection, and says so', async t => {
  const { dialer, a } = scene()
  const open: OpenStream = async connection => new ScriptedStream(connection).self
  const node = Object.assign(new TypedEventEmitter(), { services: { dialer } })
  // `any`: a wrong value on purpose, which the check at run time refuses
  await t.throwsAsync(followPreferred(node as any, a.real, open), { name: 'InvalidParametersError', message: /^followPreferred\(\) needs the dialer of a node as dialer, not .+$/ })
  await t.throwsAsync(followPreferred(dialer, node as any, open), { name: 'InvalidParametersError', message: /^followPreferred\(\) needs a connection as connection, not / })
})
