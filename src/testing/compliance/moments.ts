import { connectionTo } from './lifecycle.ts'
import type { Harness } from './harness.ts'
import type { StageRun } from './stage-run.ts'

/** A moment at which the dial may end while the stage runs */
export interface Moment {
  readonly name: string
  /** The number of outputs after which the consumer stops to pull. Default: no limit */
  readonly takes?: number
  reach (harness: Harness, run: StageRun): Promise<void>
}

export function momentsOf ({ from }: Harness): Moment[] {
  return from === 'connections' ? [beginning, withAConnection, suspended] : [beginning, atOnce, atWork, atRest, suspended]
}

const beginning: Moment = {
  name: 'before it was given anything',
  reach: async (_harness, run) => run.settle()
}

const atOnce: Moment = {
  name: 'in the moment in which it was given a list',
  reach: async (harness, run) => { give(harness, run) }
}

const atWork: Moment = {
  name: 'while it was at work',
  reach: async (harness, run) => {
    give(harness, run)
    await run.settle()
  }
}

const atRest: Moment = {
  name: 'when it had done everything',
  reach: async (harness, run) => {
    give(harness, run)
    await run.rest()
  }
}

const withAConnection: Moment = {
  name: 'after it was given a connection',
  reach: async ({ three: [one] }, run) => {
    run.upstream.give(await connectionTo(run, one))
    await run.settle()
  }
}

const suspended: Moment = {
  name: 'after its first output',
  takes: 1,
  reach: async (harness, run) => {
    if (harness.from === 'connections') {
      await withAConnection.reach(harness, run)
    } else {
      run.script(harness.candidates, { connects: 50 })
      give(harness, run)
      await run.rest()
    }
  }
}

function give ({ candidates }: Harness, run: StageRun): void {
  run.give({ candidates, complete: false })
}
