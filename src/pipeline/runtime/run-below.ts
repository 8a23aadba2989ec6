import { abortable } from './answers.ts'
import { planOf, stateOf } from './make-stage.ts'
import { StageDial } from './stage-dial.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, toError, toStageError, VerificationError } from '../errors.ts'
import { isAsyncIterable } from '../foreign-promises.ts'
import type { Part } from './part.ts'
import type { BelowPlan } from './make-stage.ts'
import type { AnyStage, ConnectedDial } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** Runs a stage below a race on connections. The output of a hand-written stage is checked, and its waits end with the part */
export function runBelow (stage: AnyStage, connections: AsyncIterable<Connection>, part: Part): AsyncGenerator<Connection> {
  const plan = planOf(stage) as BelowPlan
  const dial = new BelowDial(part, stage)
  const run = (from: AsyncIterable<Connection>): AsyncIterable<Connection> => plan.run(from, dial, stateOf(stage, part.host.node))

  return plan.isTrusted === true ? run(connections) as AsyncGenerator<Connection> : checked(dial, connections, run)
}

async function * checked (dial: BelowDial, connections: AsyncIterable<Connection>, run: (from: AsyncIterable<Connection>) => AsyncIterable<Connection>): AsyncGenerator<Connection> {
  const { signal, stage: name, part: { host: { story: { below } } } } = dial
  const given = new Set<Connection>()
  let hasPassedOn = false

  try {
    const flow = run(noted(connections, given, dial))

    if (!isAsyncIterable(flow)) {
      throw new InvalidStageOutputError(name, `has a run() that answered ${describeValue(flow)} where an async iterable was expected: write it as async function *`)
    }

    for await (const connection of abortable(flow, signal, thrown => toError(signal.aborted ? thrown : toStageError(name, thrown)))) {
      if (typeof connection?.newStream !== 'function') {
        throw new InvalidStageOutputError(name, `yielded ${describeValue(connection)} where a connection was expected`)
      }

      if (dial.discarded?.has(connection) === true) {
        throw new InvalidStageOutputError(name, `yielded the connection to ${connection.remoteAddr.toString()} that it has discarded: discard a connection, or yield it`)
      }

      hasPassedOn = true
      below.delete(name)
      yield connection
    }

    if (!hasPassedOn) {
      dial.passedOnNone(given)
    }
  } catch (err) {
    if (signal.aborted && !hasPassedOn) {
      dial.keptBack(given)
    }

    throw signal.aborted ? err : toStageError(name, err)
  } finally {
    below.delete(name)
  }
}

async function * noted (connections: AsyncIterable<Connection>, given: Set<Connection>, { stage, part: { host: { story: { below } } } }: BelowDial): AsyncGenerator<Connection> {
  for await (const connection of connections) {
    given.add(connection)
    below.add(stage)
    yield connection
    below.delete(stage)
  }
}

/** A dial, as a stage below a race sees it */
export class BelowDial extends StageDial implements ConnectedDial {
  /** Undefined until the stage discards a connection: most never do */
  discarded?: WeakSet<Connection>
  readonly #stage: AnyStage

  constructor (part: Part, stage: AnyStage) {
    super(part, stage)
    this.#stage = stage
  }

  linger (): void {
    this.part.linger()
  }

  override discard (connection: Connection, reason?: string): void {
    if (typeof connection?.newStream !== 'function') {
      throw new InvalidStageOutputError(this.stage, `has discarded ${describeValue(connection)} where a connection was expected`)
    }

    if (reason != null && typeof reason !== 'string') {
      throw new InvalidStageOutputError(this.stage, `has discarded a connection for ${describeValue(reason)}: a reason is a text`)
    }

    this.#refuse(connection, reason == null || reason === '' ? undefined : `${this.stage} refused ${connection.remoteAddr.toString()}: ${reason}`)
    this.discarded = (this.discarded ?? new WeakSet()).add(connection)
    super.discard(connection)
  }

  /** Records that a stage has ended and passed on none of its connections. A reason that the stage gave stays */
  passedOnNone (given: ReadonlySet<Connection>): void {
    given.forEach(one => { this.#refuse(one, `${this.stage} passed on none of ${given.size} connection${given.size === 1 ? '' : 's'}`) })
  }

  /** Records that a stage had passed on none of its connections when its part of the dial ended */
  keptBack (given: ReadonlySet<Connection>): void {
    given.forEach(one => { this.part.host.story.keepBack(one, this.#stage) })
  }

  #refuse (connection: Connection, message: string | undefined): void {
    this.part.host.story.refuse(connection, this.#stage, message == null ? undefined : new VerificationError(message))
  }
}
