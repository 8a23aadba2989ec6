import { connectionTo } from './life.ts'
import type { Bench } from './bench.ts'
import type { Trial } from './trial.ts'

/** A moment at which the dial may end while the stage runs */
export interface Moment {
  readonly name: string
  /** The number of outputs after which the consumer stops to pull. Default: no limit */
  readonly takes?: number
  reach (bench: Bench, trial: Trial): Promise<void>
}

export function momentsOf ({ from }: Bench): Moment[] {
  return from === 'connections' ? [beginning, withAConnection, suspended] : [beginning, atOnce, atWork, atRest, suspended]
}

const beginning: Moment = {
  name: 'before it was given anything',
  reach: async (_bench, trial) => trial.settle()
}

const atOnce: Moment = {
  name: 'in the moment in which it was given a list',
  reach: async (bench, trial) => { give(bench, trial) }
}

const atWork: Moment = {
  name: 'while it was at work',
  reach: async (bench, trial) => {
    give(bench, trial)
    await trial.settle()
  }
}

const atRest: Moment = {
  name: 'when it had done everything',
  reach: async (bench, trial) => {
    give(bench, trial)
    await trial.rest()
  }
}

const withAConnection: Moment = {
  name: 'after it was given a connection',
  reach: async ({ three: [one] }, trial) => {
    trial.upstream.give(await connectionTo(trial, one))
    await trial.settle()
  }
}

const suspended: Moment = {
  name: 'after its first output',
  takes: 1,
  reach: async (bench, trial) => {
    if (bench.from === 'connections') {
      await withAConnection.reach(bench, trial)
    } else {
      trial.script(bench.candidates, { connects: 50 })
      give(bench, trial)
      await trial.rest()
    }
  }
}

function give ({ candidates }: Bench, trial: Trial): void {
  trial.give({ candidates, complete: false })
}
