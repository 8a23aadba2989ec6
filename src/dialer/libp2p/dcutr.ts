import { ConnectionClosedError } from '@libp2p/interface'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { patch } from '../../pipeline/patch.ts'
import type { Convergence } from '../../convergence/convergence.ts'
import type { DialComponents } from '../../pipeline/types.ts'
import type { Connection, StreamHandler } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

const DCUTR = '/libp2p/dcutr'

/**
 * Keeps a relayed connection open until its streams have ended. DCUtR itself closes it, with all its streams, as soon as there is a
 * direct connection
 */
export class DcutrGuard {
  readonly #events: DialComponents['events']
  readonly #registrar: Registrar
  readonly #relayed: Pick<Convergence, 'isReplaced' | 'release'>
  /** The undo function of each guarded object that DCUtR has registered */
  readonly #guarded = new Map<object, () => void>()

  constructor ({ events, registrar }: Pick<DialComponents, 'events'> & { registrar: Registrar }, relayed: Pick<Convergence, 'isReplaced' | 'release'>) {
    this.#events = events
    this.#registrar = registrar
    this.#relayed = relayed
  }

  /** Guards DCUtR's topologies and handler, now and after each relayed connection. A second call has no effect */
  start (): void {
    this.#events.addEventListener('connection:open', this.#onOpen)
    this.#guardAll()
  }

  stop (): void {
    this.#events.removeEventListener('connection:open', this.#onOpen)
    this.#guarded.forEach(undo => { undo() })
    this.#guarded.clear()
  }

  /** Guards again: DCUtR hears of the relayed connection later than this listener, so all that it has registered is guarded in time */
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

  /** Returns the connection as DCUtR sees it. A replaced one looks closed, or the side whose own dial fails would ask for another dial */
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
