import { TypedEventEmitter } from 'main-event'
import { followPreferred } from '../../src/convergence/follow-preferred.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { ScriptedConnection, ScriptedStream } from './scripted-stream.ts'
import type { FollowInit, OpenStream, StreamFollower } from '../../src/convergence/stream-follower.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Opens a stream on a connection. Default: immediately */
type Opening = Record<string, (connection: Connection, signal: AbortSignal, clock: VirtualClock) => Promise<ScriptedStream>>

export interface Scene {
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

export function scene (opening: Opening = {}): Scene {
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

export function isOver ({ dialer, clock, opened }: Scene): boolean {
  return dialer.listenerCount('connection:preferred') === 0 && clock.pending === 0 && opened.every(({ isLeft }) => isLeft)
}

/** Opens a stream after `ms`. `isDeaf` ignores the signal */
export const after = (ms: number, isDeaf = false): Opening[string] => async (connection, signal, clock) => {
  await sleep(ms, clock, isDeaf ? new AbortController().signal : signal)

  return new ScriptedStream(connection)
}

export const fails: Opening[string] = async () => { throw new Error('Refused') }

export const isReset: Opening[string] = async connection => {
  const stream = new ScriptedStream(connection)
  stream.end('reset')

  return stream
}
