import { ConnectionClosedError } from '@libp2p/interface'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { InvalidStageOutputError, toError, VerificationError } from '../pipeline/errors.ts'
import { FUNCTION, MILLISECONDS } from '../pipeline/option-kinds.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { makeStage } from '../pipeline/runtime/make-stage.ts'
import { refusedBy } from '../pipeline/runtime/part.ts'
import { TimeLimit } from '../pipeline/time-limit.ts'
import type { Verdict } from '../pipeline/authoring/filter.ts'
import type { AnyStage, Attempt, AttemptLayer, ConnectedDial, DialComponents, Stage } from '../pipeline/types.ts'
import type { AbortOptions, Connection } from '@libp2p/interface'

/** True: this is the peer that was wanted; false or a reason in words: it is not. The signal aborts when nobody waits any more */
export type CheckConnection = (connection: Connection, options: Required<AbortOptions>, components: DialComponents) => Verdict | Promise<Verdict>

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

type Check = (connection: Connection, options: Required<AbortOptions>) => Promise<Verdict>

/**
 * The same under another name, and with what it keeps for a node
 *
 * @param init.waitsFor what takes too long when it does
 */
export function verification<const N extends string> (name: N, makeCheck: (components: DialComponents) => Check, { timeout, waitsFor = 'the check' }: VerifyInit & { waitsFor?: string } = {}): Stage<'connections', 'connections', N> {
  return makeStage({ name, accepts: ['connections'], yields: 'connections' }, {
    kind: 'below',
    isTrusted: true,
    perNode: components => new Verification(name, makeCheck(components), components, { timeout: timeout ?? components.settings.addressDialTimeout, waitsFor }),
    layers: (one: Verification, stage) => [verifying(one, stage)],
    run: (connections, dial, one: Verification) => onlyVerified(connections, dial, one)
  })
}

/** The check of one node, and which connections have passed it */
class Verification {
  readonly #name: string
  readonly #check: Check
  readonly #node: DialComponents
  readonly #init: { readonly timeout: number, readonly waitsFor: string }
  readonly #verified = new WeakSet<Connection>()

  constructor (name: string, check: Check, node: DialComponents, init: { timeout: number, waitsFor: string }) {
    this.#name = name
    this.#check = check
    this.#node = node
    this.#init = init
  }

  has (connection: Connection): boolean {
    return this.#verified.has(connection)
  }

  /** @throws VerificationError where the check says no, or fails, or takes too long */
  async pass (connection: Connection, outer: AbortSignal): Promise<void> {
    outer.throwIfAborted()

    const address = connection.remoteAddr.toString()
    const refused = `${this.#name} refused ${address}`
    let verdict: unknown

    try {
      verdict = await this.#ask(connection, outer)
    } catch (err) {
      const cause = toError(err)
      throw new VerificationError(`${refused}: ${cause.message}`, { cause })
    }

    if (typeof verdict !== 'boolean' && typeof verdict !== 'string') {
      throw new InvalidStageOutputError(this.#name, `answered ${describeValue(verdict)} for ${address}: a check answers true, false or a reason in words`)
    }

    if (verdict !== true) {
      throw new VerificationError(`${refused}${verdict === false ? '' : `: ${verdict}`}`)
    }

    this.#verified.add(connection)
  }

  /** The check ends with the outer signal, when its time is over, and when the connection closes */
  async #ask (connection: Connection, outer: AbortSignal): Promise<unknown> {
    const { timeout, waitsFor } = this.#init
    const time = new TimeLimit(outer)
    const onClose = (): void => { time.abort(new ConnectionClosedError('it was closed while it was checked')) }
    time.start(timeout, this.#node.clock, `${waitsFor} took longer than ${timeout} ms`)
    connection.addEventListener('close', onClose, { once: true })

    try {
      return await settledOrAborted(this.#check(connection, { signal: time.signal }), time.signal)
    } finally {
      time.end()
      connection.removeEventListener('close', onClose)
    }
  }
}

async function * onlyVerified (connections: AsyncIterable<Connection>, dial: ConnectedDial, verification: Verification): AsyncGenerator<Connection> {
  for await (const connection of connections) {
    try {
      // what no attempt of this dial gave: there is no race to go on
      if (!verification.has(connection)) {
        await verification.pass(connection, dial.signal)
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
function verifying (verification: Verification, stage: AnyStage): AttemptLayer {
  return (next: Attempt): Attempt => async (candidate, options) => {
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
      await verification.pass(connection, options.signal)
    } catch (err) {
      throw refusedBy(stage, toError(err))
    }

    return connection
  }
}
