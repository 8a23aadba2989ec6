import { abortable } from './abortable.ts'
import { planOf, stateOf } from './make-stage.ts'
import { StageDial } from './stage-dial.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, toError, toStageError } from '../errors.ts'
import { isAsyncIterable } from '../foreign-promises.ts'
import type { Part } from './part.ts'
import type { BelowPlan } from './plan.ts'
import type { AnyStage } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** Lets connections flow through a stage below a race. One that is written by hand is checked, and its waits end with the part */
export function runBelow (stage: AnyStage, connections: AsyncIterable<Connection>, part: Part): AsyncGenerator<Connection> {
  const plan = planOf(stage) as BelowPlan
  const run = (): AsyncIterable<Connection> => plan.run(connections, new StageDial(part, stage), stateOf(stage, part.host.node))

  return plan.isTrusted === true ? run() as AsyncGenerator<Connection> : checked(stage.name, run, part)
}

async function * checked (name: string, run: () => AsyncIterable<Connection>, { signal }: Part): AsyncGenerator<Connection> {
  try {
    const flow = run()

    if (!isAsyncIterable(flow)) {
      throw new InvalidStageOutputError(name, `has a run() that answered ${describeValue(flow)} where an async iterable was expected: write it as async function *`)
    }

    for await (const connection of abortable(flow, signal, thrown => toError(signal.aborted ? thrown : toStageError(name, thrown)))) {
      if (typeof connection?.newStream !== 'function') {
        throw new InvalidStageOutputError(name, `yielded ${describeValue(connection)} where a connection was expected`)
      }

      yield connection
    }
  } catch (err) {
    throw signal.aborted ? err : toStageError(name, err)
  }
}
