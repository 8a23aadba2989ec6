import type { DialComponents } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

type Events = DialComponents['events']

/** One a node, for all of its pipelines: they come and go, and so would their listeners */
const ofNodes = new WeakMap<Events, Identities>()

/** Which protocols peers speak, as each has said by identify over a connection. Heard from the first call on for a node */
export function identitiesOf (events: Events): Identities {
  const identities = ofNodes.get(events) ?? new Identities(events)
  ofNodes.set(events, identities)

  return identities
}

class Identities {
  readonly #answers = new WeakMap<Connection, PromiseWithResolvers<readonly string[]>>()

  constructor (events: Events) {
    events.addEventListener('peer:identify', ({ detail: { connection, protocols } }) => {
      this.#answer(connection).resolve(protocols)
    })
  }

  /** May be pending for ever: peers need not say anything */
  async protocolsOf (connection: Connection): Promise<readonly string[]> {
    return this.#answer(connection).promise
  }

  #answer (connection: Connection): PromiseWithResolvers<readonly string[]> {
    const answer = this.#answers.get(connection) ?? Promise.withResolvers<readonly string[]>()
    this.#answers.set(connection, answer)

    return answer
  }
}
