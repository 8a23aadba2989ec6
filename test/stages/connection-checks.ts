import { getEventListeners } from 'node:events'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { short } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'
import type { Stage } from '../../src/pipeline/types.ts'

/** Returns the number of a connection's address */
export const nameOf = ({ remoteAddr }: { remoteAddr: { toString (): string } }): string => short([remoteAddr.toString()])

/** Answers after `ms`: false or the reason for the named candidates, else true */
export const refuses = (ms: number, ...names: string[]): CheckConnection => async (connection, { signal }, { clock }) => {
  await sleep(ms, clock, signal)

  return !names.includes(nameOf(connection)) || 'of another fleet'
}

/** Never answers */
export const hangs: CheckConnection = async () => new Promise(() => {})

/** Returns each outcome with its address, the message of a failure, and its time */
export function outcomesOf (trial: StageRun): string[] {
  return trial.dial.outcomes.map(outcome => `${short([outcome.candidate])} ${outcome.status === 'failed' ? outcome.error.message : outcome.status} @${trial.since(outcome.endedAt)}`)
}

/** Returns whether only yielded connections are open after the dial, without timers and listeners */
export async function isTidy (trial: StageRun): Promise<boolean> {
  trial.leave()
  await trial.settle()

  return trial.network.open.every(one => trial.connections.includes(one)) && trial.clock.pending === 0 && listeners(trial) === 0 &&
    trial.network.attempts.every(({ connection }) => connection == null || getEventListeners(connection as unknown as EventTarget, 'close').length === 0)
}

/** Returns a stage below a race that passes on each connection after `ms` milliseconds */
export function passesOnAfter (ms: number): Stage<'connections', 'connections'> {
  return stage({
    name: 'slow',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, { clock, signal }) {
      for await (const connection of connections) {
        await sleep(ms, clock, signal)
        yield connection
      }
    }
  })
}
