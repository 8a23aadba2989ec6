import { checkValue } from '../pipeline/check-options.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { NAME, eachOf } from '../pipeline/option-kinds.ts'
import { verification } from './verify.ts'
import type { Connection, IdentifyResult } from '@libp2p/interface'
import type { Listening } from '../pipeline/runtime/make-stage.ts'
import type { DialComponents, Stage } from '../pipeline/types.ts'

/**
 * Lets a connection pass when its peer speaks every one of these protocols; the next address is tried otherwise.
 *
 * The peer says so itself, by identify, which the node has to run, as it does by default: within the node's
 * `addressDialTimeout`. Nothing is asked but what is asked anyway. Where there is no identify a `verify` that opens a stream
 * does it, but the peer's handler is called for that, and what it makes of a stream without a word is for the protocol to say.
 *
 * @throws InvalidPipelineError without a protocol, and for what is not a name
 */
export function requireProtocol (...protocols: readonly [string, ...string[]]): Stage<'connections', 'connections', 'require-protocol'> {
  if (protocols.length === 0) {
    throw new InvalidPipelineError('requireProtocol() needs the name of a protocol')
  }

  protocols.forEach(protocol => { checkValue('requireProtocol()', protocol, eachOf('requireProtocol', NAME)) })

  return verification('require-protocol', node => {
    // now: a peer may have identified itself by the time that its connection is checked
    const identities = nodeState(node, Identities)

    return async connection => {
      const spoken = await identities.protocolsOf(connection)
      const missing = protocols.filter(protocol => !spoken.includes(protocol))

      return missing.length === 0 || `the peer does not speak ${missing.join(', ')}`
    }
  }, { waitsFor: 'identify' })
}

/** Which protocols peers speak, as each has said by identify over a connection */
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

  /** May be pending for ever: peers need not say anything */
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
