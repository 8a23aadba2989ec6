import { BACKGROUND, ConnectionDrain } from '../../src/convergence/connection-drain.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { FakeConnection } from './fakes.ts'
import type { ConnectionDrainInit } from '../../src/convergence/connection-drain.ts'
import type { ExecutionContext } from 'ava'

export const IDLE = 1_000

interface Draining {
  clock: VirtualClock
  connection: FakeConnection
  errors: Error[]
  begin (init?: Partial<ConnectionDrainInit>): Promise<ConnectionDrain>
  /** Checks that the connection is open for less than `ms` from now, and closed then */
  closesAfter (t: ExecutionContext, ms: number): Promise<void>
}

export function draining (): Draining {
  const clock = new VirtualClock(1_000_000)
  const connection = new FakeConnection()
  const errors: Error[] = []

  return {
    clock,
    connection,
    errors,
    begin: async init => {
      const drain = new ConnectionDrain(connection.real, {
        clock,
        idle: () => IDLE,
        settle: 100,
        background: BACKGROUND,
        mayClose: async () => true,
        close: async () => connection.close(),
        onError: error => { errors.push(error) },
        ...init
      })
      await settled()

      return drain
    },
    closesAfter: async (t, ms) => {
      await clock.advance(ms - 1)
      t.is(connection.status, 'open')
      await clock.advance(1)
      t.is(connection.status, 'closed')
    }
  }
}
