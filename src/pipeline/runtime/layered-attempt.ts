import { isCandidate } from '../candidate.ts'
import { callGuarded } from '../foreign-promises.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, isPipelineFault, toError } from '../errors.ts'
import { isRestart } from './dial-host.ts'
import type { AttemptListener, BegunAttempt, DialHost, PolicySource } from './dial-host.ts'
import type { Clock } from '../clock.ts'
import type { Attempt, AttemptLayer, AttemptOptions, Candidate } from '../types.ts'
import type { Connection } from '@libp2p/interface'

export interface LayeredAttemptInit {
  readonly host: DialHost
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
  const faults = new Set<string>()
  let hasBegun = false
  let isWaiting = false
  let isOver = false
  let restart: Error | undefined

  const checks: LayerChecks = {
    stage,
    clock: host.node.clock,
    call: listen => { callGuarded(listen, err => { onListenerError(toError(err)) }) },
    onKept: name => {
      if (faults.size < faults.add(name).size) {
        onListenerError(new InvalidStageOutputError(stage, `has a layer around its attempts that did not pass on ${name} with its time: write ${name}: at => { options.${name}(at) }`))
      }
    }
  }

  const innermost: Attempt = async (one, options) => new Promise((resolve, reject) => {
    const { signal } = options
    signal.throwIfAborted()
    restart = undefined
    hasBegun = true

    if (isWaiting) {
      isWaiting = false
      listener.onLayerWait?.(false)
    }

    const attempt = host.attempt(one, {
      onHeld: () => { options.onHeld?.() },
      onStart: at => { options.onStart(at) },
      onFirstResponse: at => { options.onFirstResponse(at) },
      onMark: (type, at) => { options.onMark?.(type, at) },
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
    const connection = await layers.reduceRight<Attempt>((next, layer) => wrapped(next, layer, checks), innermost)(candidate, options)

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

  if (!hasBegun) {
    isWaiting = true
    listener.onLayerWait?.(true)
  }

  return { cancel: reason => { end(() => { controller.abort(reason) }) } }
}

/** @throws InvalidStageOutputError if a layer passed on a wrong candidate or incomplete options */
function checkPassedOn (stage: string, one: unknown, options: Partial<AttemptOptions> | undefined): void {
  if (!isCandidate(one) || typeof options?.signal?.throwIfAborted !== 'function' || typeof options.onStart !== 'function' || typeof options.onFirstResponse !== 'function') {
    throw new InvalidStageOutputError(stage, `has a layer around its attempts that passed on ${describeValue(one)} and ${describeValue(options)} where a candidate and the options of the attempt were expected: write next => (candidate, options) => next(candidate, options)`)
  }
}

interface LayerChecks {
  readonly stage: string
  readonly clock: Clock
  /** Calls a listener. Its errors are only logged, because other dials may share the attempt */
  readonly call: (listen: () => unknown) => void
  /** Called when a layer keeps a required event to itself */
  readonly onKept: (name: 'onStart' | 'onFirstResponse') => void
}

/**
 * Puts a layer around an attempt. The listeners outside hear of every event, even if the layer keeps it to itself or makes up a time: without the
 * start of an attempt the race would wait for ever, and a timeout around the layer would not begin
 */
function wrapped (next: Attempt, layer: AttemptLayer, { stage, clock, call, onKept }: LayerChecks): Attempt {
  let outside!: AttemptOptions
  let heard = 0

  function hear (at: number, listen: () => void): void {
    if (Number.isFinite(at) && at <= clock.now()) {
      heard++
      listen()
    }
  }

  function pass (listen: () => unknown, listenOutside: () => unknown, name?: 'onStart' | 'onFirstResponse'): void {
    const before = heard
    call(listen)

    if (heard === before) {
      call(listenOutside)

      if (name != null) {
        onKept(name)
      }
    }
  }

  const attempt: unknown = layer(async (one, inside) => {
    checkPassedOn(stage, one, inside)

    return next(one, {
      ...inside,
      onHeld: () => { pass(() => inside.onHeld?.(), () => outside.onHeld?.()) },
      onStart: at => { pass(() => inside.onStart(at), () => { outside.onStart(at) }, 'onStart') },
      onFirstResponse: at => { pass(() => inside.onFirstResponse(at), () => { outside.onFirstResponse(at) }, 'onFirstResponse') },
      onMark: (type, at) => { pass(() => inside.onMark?.(type, at), () => outside.onMark?.(type, at)) }
    })
  })

  if (typeof attempt !== 'function') {
    throw new InvalidStageOutputError(stage, `has a layer around its attempts that is ${describeValue(attempt)} where a function was expected`)
  }

  return async (candidate, options) => {
    outside = options

    return (attempt as Attempt)(candidate, {
      ...options,
      onHeld: () => { hear(0, () => options.onHeld?.()) },
      onStart: at => { hear(at, () => { options.onStart(at) }) },
      onFirstResponse: at => { hear(at, () => { options.onFirstResponse(at) }) },
      onMark: (type, at) => { hear(at, () => options.onMark?.(type, at)) }
    })
  }
}
