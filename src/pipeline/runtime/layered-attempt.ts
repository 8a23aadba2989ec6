import { isCandidate } from '../candidate.ts'
import { callGuarded } from '../foreign-promises.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, isPipelineFault, toError } from '../errors.ts'
import { isRestart } from './dial-host.ts'
import type { AttemptListener, BegunAttempt, DialHost, PolicySource } from './dial-host.ts'
import type { Attempt, AttemptLayer, AttemptOptions, Candidate } from '../types.ts'
import type { Connection } from '@libp2p/interface'

export interface LayeredAttemptInit {
  readonly host: DialHost
  /** The name of the stage that makes the attempt */
  readonly stage: string
  /** The layers around the attempt, outermost first */
  readonly layers: readonly AttemptLayer[]
  readonly policies: PolicySource
  /** Called when a listener of the attempt has thrown or rejected: a layer may replace it by an async function */
  readonly onListenerError: (error: Error) => void
}

/** Begins an attempt with layers around it, which may delay it, repeat it, or lose its connection */
export function layeredAttempt (candidate: Candidate, listener: AttemptListener, { host, stage, layers, policies, onListenerError }: LayeredAttemptInit): BegunAttempt {
  const controller = new AbortController()
  /** The connections that the layers received and have not passed on */
  const open = new Set<Connection>()
  let isOver = false
  let restart: Error | undefined

  /** Calls a listener of a layer. Its errors are only logged, because other dials may share the attempt */
  function callListener (listen: () => unknown): void {
    callGuarded(listen, err => { onListenerError(toError(err)) })
  }

  const innermost: Attempt = async (one, options) => new Promise((resolve, reject) => {
    checkPassedOn(stage, one, options)
    const { signal } = options
    signal.throwIfAborted()
    restart = undefined

    const attempt = host.attempt(one, {
      onHeld: () => { callListener(() => options.onHeld?.()) },
      onStart: at => { callListener(() => options.onStart(at)) },
      onFirstResponse: at => { callListener(() => options.onFirstResponse(at)) },
      onMark: (type, at) => { callListener(() => options.onMark?.(type, at)) },
      onConnected: connection => {
        signal.removeEventListener('abort', onAbort)
        open.add(connection)
        giveBackIfOver()
        resolve(connection)
      },
      onFailed: error => {
        signal.removeEventListener('abort', onAbort)
        restart = isRestart(error) ? error : undefined
        reject(error)
      }
    }, policies, options.transport)

    function onAbort (): void {
      attempt.cancel(toError(signal.reason))
      reject(signal.reason)
    }

    if (signal.aborted) {
      onAbort()
    } else {
      signal.addEventListener('abort', onAbort, { once: true })
    }
  })

  function giveBackIfOver (): void {
    if (isOver) {
      open.forEach(connection => { host.discard(connection) })
      open.clear()
    }
  }

  async function run (): Promise<Connection> {
    const options: AttemptOptions = {
      signal: controller.signal,
      clock: host.node.clock,
      timeout: host.node.settings.addressDialTimeout,
      onHeld: () => { listener.onHeld() },
      onStart: at => { listener.onStart(at) },
      onFirstResponse: at => { listener.onFirstResponse(at) },
      onMark: (type, at) => { listener.onMark(type, at) }
    }
    const connection = await layers.reduceRight<Attempt>((next, layer) => wrapped(stage, next, layer), innermost)(candidate, options)

    if (typeof connection?.newStream !== 'function') {
      throw new InvalidStageOutputError(stage, `has a layer around its attempts that answered ${describeValue(connection)} where a connection was expected`)
    }

    return connection
  }

  function end (then: () => void): void {
    if (!isOver) {
      isOver = true
      then()
    }

    giveBackIfOver()
  }

  run().then(connection => {
    end(() => {
      open.delete(connection)
      listener.onConnected(connection)
    })
  }, (thrown: unknown) => {
    // a layer may wrap the error of a restart in one of its own
    end(() => { listener.onFailed(restart == null || isPipelineFault(thrown) ? toError(thrown) : restart) })
  })

  return { cancel: reason => { end(() => { controller.abort(reason) }) } }
}

/** @throws InvalidStageOutputError if a layer passed on a wrong candidate or incomplete options */
function checkPassedOn (stage: string, one: unknown, options: Partial<AttemptOptions> | undefined): void {
  if (!isCandidate(one) || typeof options?.signal?.throwIfAborted !== 'function' || typeof options.onStart !== 'function' || typeof options.onFirstResponse !== 'function') {
    throw new InvalidStageOutputError(stage, `has a layer around its attempts that passed on ${describeValue(one)} and ${describeValue(options)} where a candidate and the options of the attempt were expected: write next => (candidate, options) => next(candidate, options)`)
  }
}

function wrapped (stage: string, next: Attempt, layer: AttemptLayer): Attempt {
  const attempt: unknown = layer(next)

  if (typeof attempt !== 'function') {
    throw new InvalidStageOutputError(stage, `has a layer around its attempts that is ${describeValue(attempt)} where a function was expected`)
  }

  return attempt as Attempt
}
