import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { verifyConnection } from '../pipeline/connection-check.ts'
import { InvalidStageOutputError, toError } from '../pipeline/errors.ts'
import { FUNCTION, MILLISECONDS } from '../pipeline/option-kinds.ts'
import { makeStage } from '../pipeline/runtime/make-stage.ts'
import { refusedBy } from '../pipeline/runtime/part.ts'
import type { CheckConnection, VerificationInit } from '../pipeline/connection-check.ts'
import type { AnyStage, AttemptLayer, ConnectedDial, DialComponents, Stage } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface VerifyInit {
  /**
   * Milliseconds that a check may take
   *
   * @default the node's `addressDialTimeout`
   */
  timeout?: number | undefined
}

/**
 * Creates a stage that checks each connection and refuses those of a wrong peer. The address then counts as failed with a `VerificationError`, and
 * the dial goes on. The connection is closed unless another dial uses it. The stage stands below a race but acts within it: only a verified
 * connection wins. The history of the node counts the attempt as connected.
 *
 * The check covers connections that the pipeline dials. libp2p answers a dial with an open connection, inbound or being checked ones included, unless
 * the caller passes `force: true`.
 *
 * @param checkConnection returns true, or false or a reason in words to refuse
 * @throws InvalidPipelineError if `checkConnection` is not a function, and for an unknown or wrong option
 */
export function verify (checkConnection: CheckConnection, init: VerifyInit = {}): Stage<'connections', 'connections', 'verify'> {
  checkArguments('verify()', arguments, 2)
  checkValue('verify()', checkConnection, FUNCTION)
  checkOptions('verify()', init, { timeout: MILLISECONDS })

  return makeVerify('verify', components => async (connection, options) => checkConnection(connection, options, components), init)
}

interface Verification {
  readonly passed: WeakSet<Connection>
  /** @throws VerificationError if the check refuses, fails or takes too long */
  readonly verify: (connection: Connection, outer: AbortSignal) => Promise<void>
  /** Checks a connection within its attempt. The same function in all races: a race takes over an attempt of another only with the same layers */
  layer?: AttemptLayer
}

/**
 * Creates a `verify()` stage under another name, with a check that has state for each node
 *
 * @param init.waitsFor what the check waits for, for the timeout error
 */
export function makeVerify<const N extends string> (name: N, makeCheck: (components: DialComponents) => VerificationInit['check'], { timeout, waitsFor }: VerifyInit & Pick<VerificationInit, 'waitsFor'> = {}): Stage<'connections', 'connections', N> {
  function perNode (components: DialComponents): Verification {
    const { clock, settings: { addressDialTimeout } } = components
    const check = makeCheck(components)
    const passed = new WeakSet<Connection>()

    async function verify (connection: Connection, outer: AbortSignal): Promise<void> {
      await verifyConnection(connection, outer, {
        name,
        waitsFor,
        timeout: timeout ?? addressDialTimeout,
        clock,
        check,
        invalid: what => new InvalidStageOutputError(name, what)
      })
      passed.add(connection)
    }

    return { passed, verify }
  }

  return makeStage({ name, accepts: ['connections'], yields: 'connections' }, {
    kind: 'below',
    isTrusted: true,
    perNode,
    layer: (one: Verification, stage) => (one.layer ??= verifyAttempt(one, stage)),
    run: (connections, dial, one: Verification) => onlyVerified(connections, dial, one)
  })
}

async function * onlyVerified (connections: AsyncIterable<Connection>, dial: ConnectedDial, { passed, verify }: Verification): AsyncGenerator<Connection> {
  for await (const connection of connections) {
    try {
      // no attempt with the layer has made this connection, so it is unchecked
      if (!passed.has(connection)) {
        await verify(connection, dial.signal)
      }
    } catch (err) {
      dial.discard(connection)
      dial.signal.throwIfAborted()
      dial.log('%e', err)
      continue
    }

    yield connection
  }
}

/** Creates the layer that checks a connection within its attempt. If the check refuses, the maker of the attempt discards the connection */
function verifyAttempt ({ verify }: Verification, stage: AnyStage): AttemptLayer {
  return next => async (candidate, options) => {
    let isHeard = false

    const connection = await next(candidate, {
      ...options,
      onFirstResponse: at => {
        isHeard = true
        options.onFirstResponse(at)
      }
    })

    // some transports report no first response. Without one, the attempt would give way to others during the check
    if (!isHeard) {
      options.onFirstResponse(options.clock.now())
    }

    try {
      await verify(connection, options.signal)
    } catch (err) {
      throw refusedBy([stage], toError(err))
    }

    return connection
  }
}
