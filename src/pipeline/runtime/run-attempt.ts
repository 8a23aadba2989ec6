import { catchRejection } from '../catch-rejection.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, isPipelineFault, toError } from '../errors.ts'
import { Kept } from './kept.ts'
import { isRestart } from '../restarted.ts'
import { settledOrAborted } from '../settled-or-aborted.ts'
import type { Part } from './part.ts'
import type { DialPolicy } from '../dial-policy.ts'
import type { Attempt, AttemptLayer, AttemptOptions, Candidate, DialAttemptOptions } from '../types.ts'

/** The place of the stage that makes an attempt */
export interface AttemptPlace {
  readonly part: Part
  /** The name of the stage */
  readonly stage: string
  /** What stages below it put around its attempts */
  readonly layers: readonly AttemptLayer[]
  readonly policy: DialPolicy
  /** A listener of the attempt has rejected */
  readonly onListenerError: (error: Error) => void
}

/**
 * Makes one attempt of a race, with the layers around it. That it has ended is told first; then its outcome is kept in the memory and in
 * the story of the dial, and the race is woken, in one step. Never rejects
 */
export async function runAttempt (candidate: Candidate, { signal, layers = [], onHeld, onStart, onFirstResponse, onMark, onEnd }: DialAttemptOptions, { part: { host, memory }, stage, layers: outer, policy, onListenerError }: AttemptPlace): Promise<void> {
  const { clock, timeout, story, target } = host
  const told = story.begin(candidate, clock.now())
  let restart: Error | undefined

  const kept = new Kept(async (one, attemptOptions) => {
    restart = undefined

    try {
      return await host.attempt(one, heard(attemptOptions), policy)
    } catch (err) {
      // a layer may put an error of its own in its place
      restart = isRestart(err) ? err : undefined
      throw err
    }
  })

  /** A layer may put listeners of its own in the place of others, and those may be async functions */
  function heard (given: AttemptOptions): AttemptOptions {
    const hear = (answer: unknown): void => { catchRejection(answer, err => { onListenerError(toError(err)) }) }

    return {
      ...given,
      onHeld: () => { hear(given.onHeld?.()) },
      onMark: (type, at) => { hear(given.onMark?.(type, at)) },
      onStart: at => { hear(given.onStart(at)) },
      onFirstResponse: at => { hear(given.onFirstResponse(at)) }
    }
  }

  const options: AttemptOptions = {
    signal,
    clock,
    timeout,
    onHeld,
    onMark,
    onStart: at => {
      told.startedAt ??= at
      onStart?.(at)
    },
    onFirstResponse: at => {
      told.firstResponseAt ??= at
      onFirstResponse?.(at)
    }
  }

  try {
    const attempt = [...outer, ...layers].reduceRight<Attempt>((next, layer) => wrap(stage, next, layer), kept.attempt)
    const connection = await settledOrAborted(attempt(candidate, options), signal)

    if (typeof connection?.newStream !== 'function') {
      throw new InvalidStageOutputError(stage, `has a layer around its attempts that answered ${describeValue(connection)} where a connection was expected`)
    }

    kept.take(connection)
    told.result = 'connected'
    told.connection = connection
    onEnd({ connection })
    memory.add({ status: 'connected', candidate, connection, startedAt: told.startedAt ?? told.requestedAt, endedAt: clock.now() })
    target.wake.notify()
  } catch (thrown) {
    // without an outcome it counts as untried
    if (signal.aborted || (restart !== undefined && !isPipelineFault(thrown))) {
      told.result = 'cancelled'
      onEnd({})
      target.wake.notify()
    } else {
      const error = toError(thrown)
      told.result = 'failed'
      told.error = error
      onEnd({ error })
      memory.add({ status: 'failed', candidate, error, startedAt: told.startedAt ?? told.requestedAt, endedAt: clock.now() })
      target.raise()
    }
  } finally {
    kept.giveBack(connection => { host.discard(connection) })
    story.end(told, clock.now())
  }
}

function wrap (stage: string, next: Attempt, layer: AttemptLayer): Attempt {
  const attempt: unknown = layer(next)

  if (typeof attempt !== 'function') {
    throw new InvalidStageOutputError(stage, `has a layer around its attempts that is ${describeValue(attempt)} where a function was expected`)
  }

  return attempt as Attempt
}
