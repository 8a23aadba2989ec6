import { abortable } from './abortable.ts'
import { BelowDial } from './below-dial.ts'
import { planOf, stateOf } from './make-stage.ts'
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
  const dial = new BelowDial(part, stage)
  const run = (from: AsyncIterable<Connection>): AsyncIterable<Connection> => plan.run(from, dial, stateOf(stage, part.host.node))

  return plan.isTrusted === true ? run(connections) as AsyncGenerator<Connection> : checked(dial, connections, run)
}

async function * checked (dial: BelowDial, connections: AsyncIterable<Connection>, run: (from: AsyncIterable<Connection>) => AsyncIterable<Connection>): AsyncGenerator<Connection> {
  const { signal, stage: name } = dial
  const given = new Set<Connection>()
  let hasPassedOn = false

  try {
    const flow = run(noted(connections, given))

    if (!isAsyncIterable(flow)) {
      throw new InvalidStageOutputError(name, `has a run() that answered ${describeValue(flow)} where an async iterable was expected: write it as async function *`)
    }

    for await (const connection of abortable(flow, signal, thrown => toError(signal.aborted ? thrown : toStageError(name, thrown)))) {
      if (typeof connection?.newStream !== 'function') {
        throw new InvalidStageOutputError(name, `yielded ${describeValue(connection)} where a connection was expected`)
      }

      hasPassedOn = true
      yield connection
    }

    if (!hasPassedOn) {
      dial.passedOnNone(given)
    }
  } catch (err) {
    throw signal.aborted ? err : toStageError(name, err)
  }
}

async function * noted (connections: AsyncIterable<Connection>, given: Set<Connection>): AsyncGenerator<Connection> {
  for await (const connection of connections) {
    given.add(connection)
    yield connection
  }
}
