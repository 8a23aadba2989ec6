import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { migrate } from '../../src/convergence/migrate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { newPeer } from '../helpers/scripted.ts'
import { ScriptedConnection, ScriptedStream } from './scripted-stream.ts'
import type { MigrateInit, Migration, OpenStream, PreferredConnection } from '../../src/convergence/migration.ts'
import type { Connection, Stream } from '@libp2p/interface'

const peer = await newPeer()

/** What opening a stream on a connection does; default: one at once */
type Opening = Record<string, (connection: Connection, signal: AbortSignal, clock: VirtualClock) => Promise<ScriptedStream>>

interface Scene {
  clock: VirtualClock
  dialer: TypedEventEmitter<{ 'connection:preferred': CustomEvent<PreferredConnection> }>
  a: ScriptedConnection
  b: ScriptedConnection
  c: ScriptedConnection
  /** In the order in which they were opened */
  opened: ScriptedStream[]
  switches: Array<[Stream, Stream]>
  nth (n: number): ScriptedStream
  prefer (preferred: ScriptedConnection): void
  begin (init?: MigrateInit): Promise<Migration>
}

function scene (opening: Opening = {}): Scene {
  const clock = new VirtualClock(0)
  const dialer: Scene['dialer'] = new TypedEventEmitter()
  const [a, b, c] = ['a', 'b', 'c'].map(name => new ScriptedConnection(name, peer)) as [ScriptedConnection, ScriptedConnection, ScriptedConnection]
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
    prefer: ({ self }) => {
      dialer.dispatchEvent(new CustomEvent('connection:preferred', { detail: { peerId: self.remotePeer, previous: a.self, preferred: self } }))
    },
    begin: async init => migrate(dialer, a.self, open, { clock, idle: 1_000, onSwitch: ({ previous, current }) => { switches.push([previous, current]) }, ...init })
  }
}

function isOver ({ dialer, clock, opened }: Scene): boolean {
  return dialer.listenerCount('connection:preferred') === 0 && clock.pending === 0 && opened.every(({ isLeft }) => isLeft)
}

/** Opens after `ms`; looks at its signal, or does not */
const after = (ms: number, isDeaf = false): Opening[string] => async (connection, signal, clock) => {
  await sleep(ms, clock, isDeaf ? new AbortController().signal : signal)

  return new ScriptedStream(connection)
}

const fails: Opening[string] = async () => { throw new Error('Refused') }

test('opens the new one at once, and switches when the old one has been idle', async t => {
  const s = scene({ b: after(100) })
  const migration = await s.begin()
  const first = s.nth(0)
  t.is(migration.stream, first.self)

  s.prefer(s.b)
  await s.clock.advance(500)
  t.is(s.opened.length, 2)
  first.receive()
  await s.clock.advance(700)
  first.send()
  await s.clock.advance(999)
  t.is(migration.stream, first.self)
  await s.clock.advance(1)

  const second = s.nth(1)
  t.is(migration.stream, second.self)
  t.deepEqual(s.switches, [[first.self, second.self]])
  t.is(first.writeStatus, 'closed')
  // what the remote still sends can be read
  t.is(first.status, 'open')
  t.true(first.isLeft)

  migration.end()
  t.is(second.status, 'open')
  t.true(isOver(s))
})

test('one that was idle before is left as soon as the new one is open', async t => {
  const s = scene({ b: after(100) })
  const migration = await s.begin()
  await s.clock.advance(5_000)
  s.prefer(s.b)
  await s.clock.advance(100)
  t.is(migration.stream, s.nth(1).self)
})

test('what is unsent or unread holds the old one', async t => {
  for (const held of [{ writeBufferLength: 1 }, { readBufferLength: 1 }, { writableNeedsDrain: true }, { remoteWriteStatus: 'closed' }, { writeStatus: 'closing' }]) {
    const s = scene()
    const migration = await s.begin()
    Object.assign(s.nth(0), held)
    s.prefer(s.b)
    await s.clock.advance(20_000)
    t.is(migration.stream, s.nth(0).self)
    Object.assign(s.nth(0), { writeBufferLength: 0, readBufferLength: 0, writableNeedsDrain: false, remoteWriteStatus: 'writable', writeStatus: 'writable' })
    await s.clock.advance(1_000)
    t.is(migration.stream, s.nth(1).self)
  }
})

test('the application is asked when it is idle, and again until it can leave', async t => {
  const asked: number[] = []
  const s = scene()
  const migration = await s.begin({ isIdle: stream => {
    t.is(stream, s.nth(0).self)
    asked.push(s.clock.now())

    return asked.length === 3
  } })
  s.prefer(s.b)
  await s.clock.advance(10_000)
  t.deepEqual(asked, [1_000, 2_000, 3_000])
  t.is(migration.stream, s.nth(1).self)
})

test('a message is for whoever listens to the stream, and for nobody else', async t => {
  const s = scene()
  const migration = await s.begin()
  const first = s.nth(0)
  // a stream keeps messages until somebody listens to them
  t.is(first.listenerCount('message'), 0)
  let heard = 0
  migration.stream.addEventListener('message', () => { heard++ })
  first.receive()
  t.is(heard, 1)
})

test('the old one stays where the new one cannot be opened, also not the next time', async t => {
  const s = scene({ b: fails })
  const migration = await s.begin()
  s.prefer(s.b)
  await s.clock.advance(5_000)
  t.is(migration.stream, s.nth(0).self)
  t.is(s.nth(0).status, 'open')
  s.prefer(s.c)
  await s.clock.advance(0)
  t.is(migration.stream, s.nth(1).self)
  t.is(s.nth(1).on, 'c')
})

test('the old one stays where the new one closes before it is used', async t => {
  const s = scene()
  const migration = await s.begin()
  s.prefer(s.b)
  await s.clock.advance(500)
  s.nth(1).end('reset')
  await s.clock.advance(5_000)
  t.is(migration.stream, s.nth(0).self)
  t.is(s.clock.pending, 0)
  t.true(s.nth(1).isLeft)
  t.is(s.dialer.listenerCount('connection:preferred'), 1)
})

test('when yet another is preferred the one that was on its way is given up, also when it comes late', async t => {
  for (const opening of [after(300), after(300, true), after(0)]) {
    const s = scene({ b: opening })
    const migration = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(200)
    s.prefer(s.c)
    await s.clock.advance(5_000)
    t.is(s.opened.find(({ self }) => self === migration.stream)?.on, 'c')
    t.true(s.opened.every(({ on, status }) => on !== 'b' || status === 'aborted'))
    t.is(s.switches.length, 1)
    migration.end()
    t.true(isOver(s))
  }
})

test('one that is given up in the very moment in which it opens is not left open', async t => {
  for (let turns = 0; turns < 12; turns++) {
    const { promise, resolve } = Promise.withResolvers<ScriptedStream>()
    const s = scene({ b: async () => promise })
    const migration = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(10)
    resolve(new ScriptedStream(s.b.self))

    for (let turn = 0; turn < turns; turn++) {
      await Promise.resolve()
    }

    migration.end()
    await s.clock.advance(10)
    t.is(s.nth(1).status, 'aborted', `after ${turns} turns`)
    t.true(isOver(s))
  }
})

test('when the one in use is preferred again it stays', async t => {
  const s = scene()
  const migration = await s.begin()
  s.prefer(s.b)
  await s.clock.advance(500)
  s.prefer(s.a)
  t.is(s.clock.pending, 0)
  await s.clock.advance(5_000)
  t.is(migration.stream, s.nth(0).self)
  t.is(s.nth(1).status, 'aborted')
  t.is(s.clock.pending, 0)
})

test('the same one again changes nothing, and other peers are others', async t => {
  const s = scene()
  await s.begin()
  s.prefer(new ScriptedConnection('other', await newPeer()))
  s.prefer(s.b)
  s.prefer(s.b)
  await s.clock.advance(5_000)
  s.prefer(s.b)
  await s.clock.advance(5_000)
  t.is(s.opened.length, 2)
  t.is(s.switches.length, 1)
})

test('what is preferred while the first one opens is followed then', async t => {
  const s = scene({ a: after(300) })
  const begun = s.begin()
  s.prefer(s.b)
  const migration = await s.clock.until(begun)
  await s.clock.advance(1_000)
  t.is(migration.stream, s.nth(1).self)
})

test('without a first stream there is nothing', async t => {
  const s = scene({ a: fails })
  await t.throwsAsync(s.begin(), { message: 'Refused' })
  t.true(isOver(s))
})

test('ends with a stream that either side closes, also while a new one is on its way', async t => {
  for (const wait of [0, 50, 500]) {
    const s = scene({ b: after(100) })
    const migration = await s.begin()

    if (wait > 0) {
      s.prefer(s.b)
    }

    await s.clock.advance(wait)
    s.nth(0).end('closed')
    await s.clock.advance(5_000)
    t.is(migration.stream, s.nth(0).self)
    t.is(s.switches.length, 0)
    t.true(s.opened.slice(1).every(({ status }) => status === 'aborted'))
    t.true(isOver(s))
  }
})

test('one that is lost with its connection is replaced at once by the one that is there, or when it is', async t => {
  for (const wait of [50, 500]) {
    const s = scene({ b: after(100) })
    const migration = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(wait)
    s.nth(0).end('reset')
    // as libp2p has it: the streams first
    s.a.status = 'aborted'
    await s.clock.advance(wait === 50 ? 50 : 0)
    t.is(migration.stream, s.nth(1).self)
    t.is(s.switches.length, 1)
    migration.end()
    t.true(isOver(s))
  }
})

test('one that is lost with its connection is the end where no new one comes', async t => {
  const s = scene({ b: async (...args) => { await after(100)(...args); throw new Error('Refused') } })
  await s.begin()
  s.prefer(s.b)
  await s.clock.advance(50)
  s.nth(0).end('reset')
  s.a.status = 'aborted'
  await s.clock.advance(50)
  t.true(isOver(s))
})

test('ending while a new one opens leaves none open', async t => {
  for (const opening of [after(300), after(300, true)]) {
    const s = scene({ b: opening })
    const migration = await s.begin()
    s.prefer(s.b)
    await s.clock.advance(100)
    migration.end()
    migration.end()
    await s.clock.advance(5_000)
    t.true(s.opened.slice(1).every(({ status }) => status === 'aborted'))
    t.is(s.nth(0).status, 'open')
    t.true(isOver(s))
  }
})

test('callbacks that throw are logged, and change nothing', async t => {
  const s = scene()
  let mayLeave = false
  const migration = await s.begin({
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
  t.is(migration.stream, s.nth(0).self)
  t.is(s.nth(0).errors.length, 2)
  mayLeave = true
  await s.clock.advance(1_000)
  t.is(migration.stream, s.nth(1).self)
  t.is(s.nth(1).errors.length, 1)
  t.is(s.nth(0).writeStatus, 'closed')
})

for (const [what, answer] of [['a promise that rejects', rejects], ['nothing', () => undefined]] as const) {
  test.serial(`migrate() logs an isIdle() that answers ${what}, and keeps the old stream`, async t => {
    const unhandled = watchUnhandled(t)
    const s = scene()
    const migration = await s.begin({ isIdle: answer as () => any })
    s.prefer(s.b)
    await s.clock.advance(2_500)
    t.is(migration.stream, s.nth(0).self)
    t.is(s.nth(0).errors.length, 2)
    t.deepEqual(await unhandled(), [])
    migration.end()
  })
}

test.serial('migrate() logs an onSwitch() that rejects, and uses the new stream', async t => {
  const unhandled = watchUnhandled(t)
  const s = scene()
  const migration = await s.begin({ onSwitch: rejects })
  s.prefer(s.b)
  await s.clock.advance(2_500)
  t.is(migration.stream, s.nth(1).self)
  t.deepEqual(await unhandled(), [])
  t.is(s.nth(1).errors.length, 1)
})

test.serial('migrate() keeps the old stream when open() answers none for another connection', async t => {
  const unhandled = watchUnhandled(t)
  const s = scene()
  const migration = await migrate(s.dialer, s.a.self, async connection => connection === s.a.self ? new ScriptedStream(connection).self : undefined as any, { clock: s.clock })
  const first = migration.stream
  s.prefer(s.b)
  await s.clock.advance(2_500)
  t.is(migration.stream, first)
  t.deepEqual(await unhandled(), [])
  migration.end()
})
