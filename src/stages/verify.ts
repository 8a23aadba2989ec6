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
  timeout?: number
}

/**
 * Closes a connection whose peer is not what was wanted, and lets the dial go on as if the address had failed: with a
 * `VerificationError`, which the dial error tells. One that another dial wants too stays open for that. Stands below a race,
 * but acts within it: an address has not won before it is verified. To the node's history the address has connected.
 *
 * It judges what the pipeline dials. To libp2p an open connection to the peer, an inbound one or one that is being checked
 * included, makes a dial needless: `force: true` has one made all the same.
 *
 * @throws InvalidPipelineError for what is not a function, and an unknown or wrong option
 */
export function verify (checkConnection: CheckConnection, init: VerifyInit = {}): Stage<'connections', 'connections', 'verify'> {
  checkArguments('verify()', arguments, 2)
  checkValue('verify()', checkConnection, FUNCTION)
  checkOptions('verify()', init, { timeout: MILLISECONDS })

  return verification('verify', components => async (connection, options) => checkConnection(connection, options, components), init)
}

/** What the stage keeps for a node */
interface Verification {
  /** The connections that have passed */
  readonly passed: WeakSet<Connection>
  /** @throws VerificationError where the check says no, or fails, or takes too long */
  readonly verify: (connection: Connection, outer: AbortSignal) => Promise<void>
}

/**
 * The same under another name, and with what it keeps for a node
 *
 * @param init.waitsFor what takes too long when it does
 */
export function verification<const N extends string> (name: N, makeCheck: (components: DialComponents) => VerificationInit['check'], { timeout, waitsFor }: VerifyInit & Pick<VerificationInit, 'waitsFor'> = {}): Stage<'connections', 'connections', N> {
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
    layers: (one: Verification, stage) => [verifying(one, stage)],
    run: (connections, dial, one: Verification) => onlyVerified(connections, dial, one)
  })
}

async function * onlyVerified (connections: AsyncIterable<Connection>, dial: ConnectedDial, { passed, verify }: Verification): AsyncGenerator<Connection> {
  for await (const connection of connections) {
    try {
      // what no attempt of this dial gave: there is no race to go on
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

/** An attempt that has connected goes on until it is verified. Whoever makes attempts gives back a connection that a layer loses */
function verifying ({ verify }: Verification, stage: AnyStage): AttemptLayer {
  return next => async (candidate, options) => {
    let isHeard = false

    const connection = await next(candidate, {
      ...options,
      onFirstResponse: at => {
        isHeard = true
        options.onFirstResponse(at)
      }
    })

    // not every transport says so, and who is silent makes way for others
    if (!isHeard) {
      options.onFirstResponse(options.clock.now())
    }

    try {
      await verify(connection, options.signal)
    } catch (err) {
      throw refusedBy(stage, toError(err))
    }

    return connection
  }
}
