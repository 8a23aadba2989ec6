import { getEventListeners } from 'node:events'
import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { Drains } from '../../src/stages/drains.ts'
import { silentLogger } from '../../src/testing/silent-logger.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { DialComponents } from '../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

const IDLE = 1_000

class FakeStream extends TypedEventEmitter<{ close: Event }> {
  readonly protocol: string

  constructor (protocol: string) {
    super()
    this.protocol = protocol
  }
}

class FakeConnection extends TypedEventEmitter<{ close: Event }> {
  readonly id: string
  readonly remotePeer = 'peer'
  status = 'open'
  streams: FakeStream[] = []
  closes = 0
  failure?: Error

  constructor (id: string) {
    super()
    this.id = id
  }

  open (protocol: string): FakeStream {
    const stream = new FakeStream(protocol)
    this.streams.push(stream)

    return stream
  }

  finish (stream: FakeStream): void {
    this.streams = this.streams.filter(one => one !== stream)
    stream.safeDispatchEvent('close')
  }

  async close (): Promise<void> {
    this.closes++

    if (this.failure != null) {
      throw this.failure
    }

    this.status = 'closed'
    this.safeDispatchEvent('close')
  }
}

function draining (): { clock: VirtualClock, loser: FakeConnection, winner: FakeConnection, all: FakeConnection[], drain (): Promise<void> } {
  const clock = new VirtualClock()
  const [loser, winner] = [new FakeConnection('loser'), new FakeConnection('winner')]
  const all = [loser, winner]
  const components = { clock, logger: silentLogger, connectionManager: { getConnections: () => all } } as unknown as DialComponents
  const drains = new Drains(components, IDLE)

  return {
    clock,
    loser,
    winner,
    all,
    drain: async () => {
      drains.drain(loser as unknown as Connection)
      await settled()
    }
  }
}

test('an idle connection is closed after a while, and nothing is left of it', async t => {
  const { clock, loser, drain } = draining()
  await drain()
  await clock.advance(IDLE - 1)
  t.is(loser.status, 'open')
  await clock.advance(1)
  t.is(loser.status, 'closed')
  t.is(clock.pending, 0)
  t.is(getEventListeners(loser, 'close').length, 0)
})

test('one that carries an application stream stays until that has ended, and a while longer', async t => {
  const { clock, loser, drain } = draining()
  const stream = loser.open('/chat/1.0.0')
  await drain()
  await clock.advance(100 * IDLE)
  t.is(loser.status, 'open')
  loser.finish(stream)
  await clock.advance(IDLE - 1)
  t.is(loser.status, 'open')
  await clock.advance(1)
  t.is(loser.status, 'closed')
})

test('a stream that begins while it is idle keeps it', async t => {
  const { clock, loser, drain } = draining()
  await drain()
  await clock.advance(IDLE / 2)
  const stream = loser.open('/chat/1.0.0')
  await clock.advance(10 * IDLE)
  t.is(loser.status, 'open')
  loser.finish(stream)
  await clock.advance(IDLE)
  t.is(loser.status, 'closed')
})

test('what libp2p runs by itself does not keep it', async t => {
  const { clock, loser, drain } = draining()
  loser.open('/ipfs/ping/1.0.0')
  loser.open('/ipfs/id/push/1.0.0')
  loser.open('')
  await drain()
  await clock.advance(IDLE)
  t.is(loser.status, 'closed')
})

test('the last connection to a peer is never closed', async t => {
  const { clock, loser, winner, drain } = draining()
  await drain()
  winner.status = 'closed'
  await clock.advance(10 * IDLE)
  t.is(loser.status, 'open')
  t.is(loser.closes, 0)
  t.is(clock.pending, 0)
})

test('one that closes by itself is forgotten', async t => {
  const { clock, loser, drain } = draining()
  const stream = loser.open('/chat/1.0.0')
  await drain()
  loser.status = 'closed'
  loser.safeDispatchEvent('close')
  await settled()
  t.is(clock.pending, 0)
  t.is(getEventListeners(stream, 'close').length, 0)
  t.is(getEventListeners(loser, 'close').length, 0)
})

test('one that cannot be closed troubles nobody', async t => {
  const { clock, loser, drain } = draining()
  loser.failure = new Error('No')
  await drain()
  await clock.advance(10 * IDLE)
  t.is(loser.closes, 1)
  t.is(getEventListeners(loser, 'close').length, 0)
})
