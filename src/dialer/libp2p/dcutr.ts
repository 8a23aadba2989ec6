import { ConnectionClosedError } from '@libp2p/interface'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { patch } from '../../pipeline/patch.ts'
import type { DialComponents } from '../../pipeline/types.ts'
import type { Connection, StreamHandler } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

const DCUTR = '/libp2p/dcutr'

/** What becomes of a relayed connection that DCUtR has made a direct one for */
export interface RelayedConnections {
  /** Whether new streams take another connection */
  isReplaced (connection: Connection): boolean
  /** Closes it once it carries nothing. Returns whether that will be done */
  release (connection: Connection): boolean
}

/**
 * Has DCUtR leave the relayed connection open until its streams have ended. DCUtR itself closes the connection with all that it carries,
 * as soon as there is a direct one
 */
export class DcutrGuard {
  readonly #events: DialComponents['events']
  readonly #registrar: Registrar
  readonly #relayed: RelayedConnections
  /** What undoes it, by what DCUtR has registered */
  readonly #guarded = new Map<object, () => void>()

  constructor ({ events, registrar }: Pick<DialComponents, 'events'> & { registrar: Registrar }, relayed: RelayedConnections) {
    this.#events = events
    this.#registrar = registrar
    this.#relayed = relayed
  }

  /** May be called again */
  start (): void {
    this.#events.addEventListener('connection:open', this.#onOpen)
    this.#guardAll()
  }

  stop (): void {
    this.#events.removeEventListener('connection:open', this.#onOpen)
    this.#guarded.forEach(undo => { undo() })
    this.#guarded.clear()
  }

  /** DCUtR is told of a relayed connection later than this: what it has registered by then is all there is */
  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    if (Circuit.exactMatch(detail.remoteAddr)) {
      this.#guardAll()
    }
  }

  #guardAll (): void {
    for (const topology of this.#registrar.getTopologies(DCUTR)) {
      const onConnect = topology.onConnect?.bind(topology)

      this.#guard(topology, () => patch(topology, 'onConnect', async (peerId, connection) => onConnect?.(peerId, this.#viewOf(connection))))
    }

    if (this.#registrar.getProtocols().includes(DCUTR)) {
      const record = this.#registrar.getHandler(DCUTR)
      const { handler } = record

      this.#guard(record, () => patch(record, 'handler', async (...args) => this.#handle(handler, ...args)))
    }
  }

  #guard (registered: object, patchIt: () => () => void): void {
    if (!this.#guarded.has(registered)) {
      this.#guarded.set(registered, patchIt())
    }
  }

  async #handle (handler: StreamHandler, ...[stream, connection]: Parameters<StreamHandler>): Promise<void> {
    if (this.#relayed.isReplaced(connection)) {
      stream.abort(closedTo(connection))
    } else {
      await handler(stream, this.#viewOf(connection))
    }
  }

  /** The connection as DCUtR has it: one that is replaced is closed to it, or the side whose own dial fails would ask for another one */
  #viewOf (connection: Connection): Connection {
    const members: Partial<Connection> = {
      newStream: async (...args) => {
        if (this.#relayed.isReplaced(connection)) {
          throw closedTo(connection)
        }

        return connection.newStream(...args)
      },
      close: async options => {
        if (!this.#relayed.release(connection)) {
          await connection.close(options)
        }
      }
    }

    return new Proxy(connection, {
      get: (_, name) => {
        const value = Reflect.get(Object.hasOwn(members, name) ? members : connection, name)

        return typeof value === 'function' ? value.bind(connection) : value
      }
    })
  }
}

function closedTo ({ remotePeer }: Connection): Error {
  return new ConnectionClosedError(`There is a better connection to ${remotePeer}`)
}
