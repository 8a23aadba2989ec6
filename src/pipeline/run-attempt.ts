import { catchRejection } from './catch-rejection.ts'
import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError, isPipelineFault, toError } from './errors.ts'
import { Kept } from './kept.ts'
import { isRestart } from './restarted.ts'
import { settledOrAborted } from './settled-or-aborted.ts'
import type { DialHost } from './dial-host.ts'
import type { DialPolicy } from './dial-policy.ts'
import type { Memory } from './memory.ts'
import type { Attempt, AttemptLayer, AttemptOptions, Candidate, DialAttemptOptions } from './types.ts'
import type { Connection } from '@libp2p/interface'

/** The place of the stage that makes an attempt */
export interface AttemptPlace {
  readonly host: DialHost
  readonly memory: Memory
  /** The name of the stage */
  readonly stage: string
  /** What stages below it put around its attempts */
  readonly layers: readonly AttemptLayer[]
  readonly policy: DialPolicy
  /** A listener of the attempt has rejected */
  readonly onListenerError: (error: Error) => void
  /** The outcome is a failure */
  readonly onFailed: () => void
}

/**
 * Makes one attempt of a stage, with the layers around it. Its outcome is kept in the memory and in the story of the dial
 *
 * @throws the transport's error; the signal's reason when that aborted; AbortError when the attempt is to begin anew: before an answer,
 * the network has changed, or others have been given its place
 */
export async function runAttempt (candidate: Candidate, { signal, layers = [], onHeld, onStart, onFirstResponse, onMark }: DialAttemptOptions, { host, memory, stage, layers: outer, policy, onListenerError, onFailed }: AttemptPlace): Promise<Connection> {
  const { clock, timeout, story } = host
  const told = story.begin(candidate, clock.now())
  let restart: Error | undefined

  const kept = new Kept(async (one, attemptOptions) => {
    restart = undefined

    try {
      return await host.attempt(one, attemptOptions, policy)
    } catch (err) {
      // a layer may put an error of its own in its place
      restart = isRestart(err) ? err : undefined
      throw err
    }
  })

  /** A listener may be an async function */
  function hear (answer: unknown): void {
    catchRejection(answer, err => { onListenerError(toError(err)) })
  }

  const options: AttemptOptions = {
    signal,
    clock,
    timeout,
    onHeld: () => { hear(onHeld?.()) },
    onMark: (type, at) => { hear(onMark?.(type, at)) },
    onStart: at => {
      told.startedAt ??= at
      hear(onStart?.(at))
    },
    onFirstResponse: at => {
      told.firstResponseAt ??= at
      hear(onFirstResponse?.(at))
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
    memory.outcome({ status: 'connected', candidate, connection, startedAt: told.startedAt ?? told.requestedAt, endedAt: clock.now() })

    return connection
  } catch (thrown) {
    if (signal.aborted) {
      told.result = 'cancelled'
      throw signal.reason
    }

    // without an outcome it counts as untried
    if (restart !== undefined && !isPipelineFault(thrown)) {
      told.result = 'cancelled'
      throw restart
    }

    const error = toError(thrown)

    told.result = 'failed'
    told.error = error
    memory.outcome({ status: 'failed', candidate, error, startedAt: told.startedAt ?? told.requestedAt, endedAt: clock.now() })
    onFailed()

    throw error
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
