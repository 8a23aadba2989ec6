import { TimeoutError, AbortError } from '@libp2p/interface'
import { describeValue, isStage } from './describe-value.ts'
import { InvalidPipelineError, isFinal } from './errors.ts'
import { checkStages } from './stage-order.ts'
import { Handover } from './runtime/part.ts'
import { checkArguments, checkOptions, checkValue } from './check-options.ts'
import { doubledDelay, sleep } from './clock.ts'
import { FINITE_MILLISECONDS, LIMIT, MILLISECONDS, FUNCTION } from './option-kinds.ts'
import { checkedPredicate, HELPER_OPTIONS } from './authoring/list-stage.ts'
import { makeStage } from './runtime/make-stage.ts'
import type { Connecting, InOf, Listing } from './stage-order.ts'
import type { AnyStage, Stage, Dial, Flow } from './types.ts'
import type { Part } from './runtime/part.ts'
import type { Alternative, CombinedPlan } from './runtime/make-stage.ts'
import type { HelperOptions } from './authoring/list-stage.ts'
import type { Connection } from '@libp2p/interface'

/**
 * Creates a stage that runs the next pipeline when the one before has yielded no connection. The pipelines share outcomes and attempts: attempts
 * in flight go on in the next pipeline, and no address is dialled twice. The exception is an address whose connection a stage such as `verify()`
 * refused: a pipeline without that stage may dial the address again.
 *
 * ```ts
 * fallback(timeout(1_000, pipeline(certified(), race())), race())
 * ```
 *
 * @throws InvalidPipelineError if an argument is not a pipeline that yields connections
 */
export function fallback<const S extends readonly [unknown, ...unknown[]]> (...alternatives: { [K in keyof S]: Connecting<S[K]> }): Stage<InOfAll<S[number]>, 'connections', 'fallback'> {
  const pipelines = alternatives as unknown as readonly [AnyStage, ...AnyStage[]]

  if (pipelines.length === 0) {
    throw new InvalidPipelineError('fallback() needs one or more pipelines that yield connections: write fallback(pipeline(…, race()), race())')
  }

  if (Array.isArray(pipelines[0])) {
    throw new InvalidPipelineError(`fallback() takes its pipelines one by one, not ${describeValue(pipelines[0])}: write fallback(...pipelines)`)
  }

  checkStages('fallback()', 'connections', ...pipelines)

  return makeCombinator('fallback', pipelines, async function * (alternatives, { part }) {
    const handover = new Handover()

    try {
      for (const alternative of alternatives) {
        if (yield * runIn(part.fork({ handover }), alternative)) {
          return
        }
      }
    } finally {
      handover.end()
    }
  })
}

export interface RetryInit {
  /** The number of retries after the first run @default 1 */
  retries?: number
  /** Milliseconds before the first retry. Each further retry doubles the delay @default 1000 */
  delay?: number
}

/**
 * Creates a stage that runs a pipeline again when it has yielded no connection, also after a `timeout` inside it. Every run begins with no
 * outcomes. It does not retry when nothing was tried, or when all failures are final, such as a denial of the gater or a wrong peer.
 *
 * @throws InvalidPipelineError if `pipeline` is not a pipeline that yields connections, and for an unknown or wrong option
 */
export function retry<const S> (pipeline: Connecting<S>, init: RetryInit = {}): Stage<InOf<S>, 'connections', 'retry'> {
  checkArguments('retry()', arguments, 2)
  checkStages('retry()', 'connections', pipeline)
  checkOptions('retry()', init, { retries: LIMIT, delay: FINITE_MILLISECONDS })
  const { retries = 1, delay = 1_000 } = init

  return makeCombinator('retry', [pipeline as unknown as AnyStage], async function * ([whole], { part }) {
    for (let tries = 0; ; tries++) {
      const inner = part.fork({ fresh: true })

      const hasConnected = yield * runIn(inner, whole as Alternative)

      if (hasConnected || tries >= retries || !canChange(inner)) {
        return
      }

      await sleep(doubledDelay(delay, tries), part.clock, part.signal)
    }
  })
}

function canChange ({ memory: { hasTimedOut, outcomes } }: Part): boolean {
  return hasTimedOut || outcomes.some(outcome => outcome.status === 'failed' && !isFinal(outcome.error))
}

/** `M` if it is a number, else the error text */
type MillisecondsFirst<M> = M extends AnyStage ? 'timeout() takes the milliseconds first: write timeout(ms, pipeline)' : M extends number ? M : number

/**
 * Creates a stage that ends a pipeline when it has yielded no connection after `ms` milliseconds. A `fallback` around it then runs its next
 * pipeline.
 *
 * @param ms milliseconds until the pipeline ends, 0 or more, or Infinity
 * @throws InvalidPipelineError if `ms` is not a number of milliseconds, or `pipeline` is not a pipeline that yields connections
 */
export function timeout<const S, const M = number> (ms: MillisecondsFirst<M>, pipeline: Connecting<S>): Stage<InOf<S>, 'connections', 'timeout'> {
  checkArguments('timeout()', arguments, 2, 'put the stages into one pipeline(…)')
  checkValue('timeout()', ms, { ...MILLISECONDS, advise: value => isStage(value) ? 'timeout(ms, pipeline)' : undefined })
  checkStages('timeout()', 'connections', pipeline)
  const limit = ms as number

  return makeCombinator('timeout', [pipeline as unknown as AnyStage], async function * ([whole], { part }) {
    const inner = part.fork()
    const timedOut = new TimeoutError(`No connection after ${limit} ms`)
    const cancel = limit === Infinity ? () => {} : part.after(limit, () => {
      part.host.story.timeouts.push(timedOut)
      part.memory.timedOut()
      inner.end(timedOut)
    })

    try {
      for await (const connection of runIn(inner, whole as Alternative)) {
        cancel()
        yield connection
      }
    } catch (err) {
      if (err !== timedOut) {
        throw err
      }
    } finally {
      cancel()
    }
  })
}

/**
 * Creates a stage that runs another stage only in the dials for which `predicate` returns true. It keeps the name of that stage. If the stage is
 * a filter, the dial of a relay inherits it when the dial that needs the relay runs it.
 *
 * @param init.options the names of the dial options that the predicate reads
 * @throws InvalidPipelineError if `predicate` is not a function, or `stage` is not a stage that yields candidates
 */
export function when<const S> (predicate: (dial: Dial) => boolean, stage: Listing<S>, init: HelperOptions = {}): Stage<InOf<S>, 'candidates', Extract<S, AnyStage>['name']> {
  checkArguments('when()', arguments, 3)
  checkValue('when()', predicate, { ...FUNCTION, advise: value => isStage(value) ? 'when(predicate, stage)' : undefined })
  checkStages('when()', 'candidates', stage)
  checkOptions('when()', init, HELPER_OPTIONS)

  const inner = stage as unknown as Extract<S, AnyStage>

  return makeStage({ name: inner.name, accepts: acceptedByAll([inner]) as Array<InOf<S>>, yields: 'candidates', options: [...inner.options, ...init.options ?? []] }, {
    kind: 'when',
    predicate: checkedPredicate(inner.name, predicate, 'stands in a when() whose predicate'),
    stage: inner
  })
}

/** The inputs that every one of several stages accepts */
type InOfAll<S> = keyof Extract<S, AnyStage>['accepts'] & keyof Flow

/** Returns the inputs that every one of several stages accepts */
function acceptedByAll (stages: readonly [AnyStage, ...AnyStage[]]): Array<keyof Flow> {
  return (Object.keys(stages[0].accepts) as Array<keyof Flow>).filter(flow => stages.every(one => one.accepts[flow] === true))
}

/** Creates a stage that runs pipelines which yield connections */
function makeCombinator<const N extends string, In extends keyof Flow> (name: N, pipelines: readonly [AnyStage, ...AnyStage[]], connect: CombinedPlan['connect']): Stage<In, 'connections', N> {
  return makeStage({ name, accepts: acceptedByAll(pipelines) as In[], yields: 'connections', options: pipelines.flatMap(({ options }) => options) }, { kind: 'combined', pipelines, connect })
}

// shared: creating an Error costs more than the rest of the ending
const LEFT = new AbortError('The pipeline was left')

/** Runs a pipeline in a part of the dial, and ends the part afterwards. Returns whether the pipeline has yielded a connection */
async function * runIn (part: Part, pipeline: Alternative): AsyncGenerator<Connection, boolean> {
  let hasConnected = false

  try {
    for await (const connection of pipeline(part)) {
      hasConnected = true
      yield connection
    }
  } finally {
    part.end(LEFT)
  }

  return hasConnected
}
