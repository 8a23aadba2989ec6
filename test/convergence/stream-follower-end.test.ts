import test from 'ava'
import { after, isOver, scene } from './following.ts'
import { ScriptedStream } from './scripted-stream.ts'

test('ends when either side closes the stream, also while a new one opens', async t => {
  for (const wait of [0, 50, 500]) {
    const s = scene({ b: after(100) })
    const follower = await s.begin()

    if (wait > 0) {
      s.prefer(s.b)
    }

    await s.clock.advance(wait)
    s.nth(0).end('closed')
    await s.clock.advance(5_000)
    t.is(follower.stream, s.nth(0).self)
    t.is(s.switches.length, 0)
    t.true(s.opened.slice(1).every(({ status }) => status === 'aborted'))
    t.true(isOver(s))
  }
})

test('replaces a stream that was lost with its connection as soon as the new one is open', async t => {
  for (const wait of [50, 500]) {
    const s = scene({ b: after(100) })
    const follower = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(wait)
    s.nth(0).end('reset')
    // libp2p also ends the streams before the connection
    s.a.gone()
    await s.clock.advance(wait === 50 ? 50 : 0)
    t.is(follower.stream, s.nth(1).self)
    t.is(s.switches.length, 1)
    follower.end()
    t.true(isOver(s))
  }
})

test('ends when the stream was lost with its connection and no new one opens', async t => {
  const s = scene({ b: async (...args) => { await after(100)(...args); throw new Error('Refused') } })
  await s.begin()
  s.prefer(s.b)
  await s.clock.advance(50)
  s.nth(0).end('reset')
  s.a.gone()
  await s.clock.advance(50)
  t.true(isOver(s))
})

test('continues on the connection that is preferred when no stream opens on the former one, and the current stream is lost', async t => {
  const s = scene({ b: async (...args) => { await after(100)(...args); throw new Error('Gone') } })
  const follower = await s.begin()
  s.prefer(s.b)
  await s.clock.advance(50)
  s.nth(0).end('reset')
  s.a.gone()
  // no event: the connection that was preferred before has closed
  s.dialer.preferred = () => s.c.real
  await s.clock.advance(50)
  t.is(follower.stream, s.nth(1).self)
  t.is(s.nth(1).on, 'c')
  follower.end()
  t.true(isOver(s))
})

test('aborts the new stream when end() is called while it opens', async t => {
  for (const opening of [after(300), after(300, true)]) {
    const s = scene({ b: opening })
    const follower = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(100)
    follower.end()
    follower.end()
    await s.clock.advance(5_000)
    t.true(s.opened.slice(1).every(({ status }) => status === 'aborted'))
    t.is(s.nth(0).status, 'open')
    t.true(isOver(s))
  }
})

test('aborts a new stream that opens while following ends', async t => {
  for (let turns = 0; turns < 12; turns++) {
    const { promise, resolve } = Promise.withResolvers<ScriptedStream>()
    const s = scene({ b: async () => promise })
    const follower = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(10)
    resolve(new ScriptedStream(s.b.real))

    for (let turn = 0; turn < turns; turn++) {
      await Promise.resolve()
    }

    follower.end()
    await s.clock.advance(10)
    t.is(s.nth(1).status, 'aborted', `after ${turns} turns`)
    t.true(isOver(s))
  }
})
