import { checkValue } from '../pipeline/check-options.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { NAME } from '../pipeline/option-kinds.ts'
import { makeVerify } from './verify.ts'
import type { Connection, IdentifyResult } from '@libp2p/interface'
import type { Listening } from '../pipeline/runtime/make-stage.ts'
import type { DialComponents, Stage } from '../pipeline/types.ts'

/**
 * Creates a stage below a race that passes connections whose peer speaks every given protocol. For others, the dial tries the next address.
 *
 * The peer reports its protocols by identify, which the node must run, as it does by default, within the node's `addressDialTimeout`. The stage
 * sends nothing itself. Without identify, use a `verify` that opens a stream: that calls the peer's handler of the protocol.
 *
 * @param protocols one or more protocol names
 * @throws InvalidPipelineError without a protocol, and for one that is not a name
 */
export function requireProtocol (...protocols: readonly [string, ...string[]]): Stage<'connections', 'connections', 'require-protocol'> {
  if (protocols.length === 0) {
    throw new InvalidPipelineError('requireProtocol() needs the name of a protocol')
  }

  protocols.forEach(protocol => { checkValue('requireProtocol()', protocol, NAME) })

  return makeVerify('require-protocol', node => {
    // listens before any dial: a peer may identify itself before its connection is checked
    const identities = nodeState(node, Identities)

    return async connection => {
      const spoken = await identities.protocolsOf(connection)
      const missing = protocols.filter(protocol => !spoken.includes(protocol))

      return missing.length === 0 || `the peer does not speak ${missing.join(', ')}`
    }
  }, { waitsFor: 'identify' })
}

/** The protocols of peers, as identify reported them over each connection */
class Identities implements Listening {
  readonly #events: DialComponents['events']
  readonly #answers = new WeakMap<Connection, PromiseWithResolvers<readonly string[]>>()

  constructor ({ events }: Pick<DialComponents, 'events'>) {
    this.#events = events
    events.addEventListener('peer:identify', this.#onIdentify)
  }

  stop (): void {
    this.#events.removeEventListener('peer:identify', this.#onIdentify)
  }

  /** Resolves to the protocols when the peer identifies itself, which may never happen */
  async protocolsOf (connection: Connection): Promise<readonly string[]> {
    return this.#answer(connection).promise
  }

  readonly #onIdentify = ({ detail: { connection, protocols } }: CustomEvent<IdentifyResult>): void => {
    this.#answer(connection).resolve(protocols)
  }

  #answer (connection: Connection): PromiseWithResolvers<readonly string[]> {
    const answer = this.#answers.get(connection) ?? Promise.withResolvers<readonly string[]>()
    this.#answers.set(connection, answer)

    return answer
  }
}
