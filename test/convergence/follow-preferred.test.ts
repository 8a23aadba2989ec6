import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { followPreferred } from '../../src/convergence/follow-preferred.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { ScriptedConnection, ScriptedStream } from './scripted-stream.ts'
import type { FollowInit, OpenStream, StreamFollower } from '../../src/convergence/stream-follower.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Opens a stream on a connection. Default: immediately */
type Opening = Record<string, (connection: Connection, signal: AbortSignal, clock: VirtualClock) => Promise<ScriptedStream>>

interface Scene {
  clock: VirtualClock
  dialer: TypedEventEmitter<{ 'connection:preferred': CustomEvent<{ connection: Connection }> }> & { preferred: () => Connection | undefined }
  a: ScriptedConnection
  b: ScriptedConnection
  c: ScriptedConnection
  /** Streams in the order in which they were opened */
  opened: ScriptedStream[]
  switches: Array<[Stream, Stream]>
  nth (n: number): ScriptedStream
  prefer (preferred: ScriptedConnection): void
  begin (init?: FollowInit): Promise<StreamFollower>
}

function scene (opening: Opening = {}): Scene {
  const clock = new VirtualClock(0)
  let preferred: Connection | undefined
  const dialer: Scene['dialer'] = Object.assign(new TypedEventEmitter<{ 'connection:preferred': CustomEvent<{ connection: Connection }> }>(), { preferred: () => preferred })
  const [a, b, c] = ['a', 'b', 'c'].map(name => new ScriptedConnection(name, 'peer')) as [ScriptedConnection, ScriptedConnection, ScriptedConnection]
  const opened: ScriptedStream[] = []
  const switches: Scene['switches'] = []

  const open: OpenStream = async (connection, signal) => {
    const { name } = connection as unknown as ScriptedConnection
    const stream = await (opening[name]?.(connection, signal, clock) ?? new ScriptedStream(connection))
    opened.push(stream)

    return stream.self
  }

  return {
    clock,
    dialer,
    a,
    b,
    c,
    opened,
    switches,
    nth: n => opened[n] as ScriptedStream,
    prefer: ({ real }) => {
      preferred = real
      dialer.dispatchEvent(new CustomEvent('connection:preferred', { detail: { connection: real } }))
    },
    begin: async init => followPreferred(dialer, a.real, open, { clock, onSwitch: ({ previous, current }) => { switches.push([previous, current]) }, ...init })
  }
}

function isOver ({ dialer, clock, opened }: Scene): boolean {
  return dialer.listenerCount('connection:preferred') === 0 && clock.pending === 0 && opened.every(({ isLeft }) => isLeft)
}

/** Opens a stream after `ms`. `isDeaf` ignores the signal */
const after = (ms: number, isDeaf = false): Opening[string] => async (connection, signal, clock) => {
  await sleep(ms, clock, isDeaf ? new AbortController().signal : signal)

  return new ScriptedStream(connection)
}

const fails: Opening[string] = async () => { throw new Error('Refused') }

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

const isReset: Opening[string] = async connection => {
  const stream = new ScriptedStream(connection)
  stream.end('reset')

  return stream
}

test('ends immediately when open() returns a stream that is already closed', async t => {
  const s = scene({ a: isReset })
  const follower = await s.begin()
  t.is(follower.stream, s.nth(0).self)
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
    s.a.status = 'aborted'
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
  s.a.status = 'aborted'
  await s.clock.advance(50)
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

for (const [what, answer] of [['a promise that rejects', rejects], ['nothing', () => undefined]] as const) {
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
  const follower = await s.begin({ onSwitch: rejects })
  s.prefer(s.b)
  await s.clock.advance(2_500)
  t.is(follower.stream, s.nth(1).self)
  t.deepEqual(await unhandled(), [])
  t.is(s.nth(1).errors.length, 1)
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
  await t.throwsAsync(followPreferred(node as any, a.real, open), { name: 'InvalidParametersError', message: /^followPreferred\(\) needs the dialer of a node as dialer, not .+: write node\.services\.dialer$/ })
  await t.throwsAsync(followPreferred(dialer, node as any, open), { name: 'InvalidParametersError', message: /^followPreferred\(\) needs a connection as connection, not / })
})

test.serial('keeps the old stream when open() returns none for another connection', async t => {
  const unhandled = watchUnhandled(t)
  const s = scene()
  const follower = await followPreferred(s.dialer, s.a.real, async connection => connection === s.a.real ? new ScriptedStream(connection).self : undefined as any, { clock: s.clock })
  const first = follower.stream
  s.prefer(s.b)
  await s.clock.advance(2_500)
  t.is(follower.stream, first)
  t.deepEqual(await unhandled(), [])
  follower.end()
})
