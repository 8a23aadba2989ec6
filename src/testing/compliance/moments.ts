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
  name: 'before the stage got anything',
  reach: async (_harness, run) => run.settle()
}

const atOnce: Moment = {
  name: 'at the moment when the stage got a list',
  reach: async (harness, run) => { give(harness, run) }
}

const atWork: Moment = {
  name: 'while the stage was working',
  reach: async (harness, run) => {
    give(harness, run)
    await run.settle()
  }
}

const atRest: Moment = {
  name: 'after the stage had finished',
  reach: async (harness, run) => {
    give(harness, run)
    await run.rest()
  }
}

const withAConnection: Moment = {
  name: 'after the stage got a connection',
  reach: async ({ three: [one] }, run) => {
    run.upstream.give(await connectionTo(run, one))
    await run.settle()
  }
}

const suspended: Moment = {
  name: 'after the first output',
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
