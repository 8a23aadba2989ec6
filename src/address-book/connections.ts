import { addressText } from './address-text.ts'
import type { AddressBookComponents } from './types.ts'
import type { Connection } from '@libp2p/interface'

interface Open {
  readonly connections: readonly Connection[]
  /** Of the same order */
  readonly addresses: readonly string[]
}

export interface ConnectionListeners {
  /** A connection opens, and does not count yet */
  beforeOpen (peer: string): void
  onOpen (connection: Connection): void
  /**
   * Called when a connection to a peer has closed and others are open
   *
   * @param closed its address
   */
  onClose (peer: string, closed: string): void
  /**
   * @param before the addresses of the peer's connections until now
   * @param closed that of the one which has closed
   */
  onDisconnect (peer: string, before: readonly string[], closed: string): void
}

/** The open connections of a node, by peer */
export class Connections {
  readonly #components: Pick<AddressBookComponents, 'events' | 'connectionManager'>
  readonly #listeners: ConnectionListeners
  readonly #open = new Map<string, Open>()

  constructor (components: Pick<AddressBookComponents, 'events' | 'connectionManager'>, listeners: ConnectionListeners) {
    this.#components = components
    this.#listeners = listeners
  }

  start (): void {
    const { events, connectionManager } = this.#components
    // more than once is once
    events.addEventListener('connection:open', this.#onOpen)
    events.addEventListener('connection:close', this.#onClose)
    connectionManager.getConnections().forEach(connection => { this.#opened(connection) })
  }

  /** With the node, its connections end */
  stop (): void {
    const { events } = this.#components
    events.removeEventListener('connection:open', this.#onOpen)
    events.removeEventListener('connection:close', this.#onClose)

    for (const { connections } of [...this.#open.values()]) {
      connections.forEach(connection => { this.#closed(connection) })
    }
  }

  /** The addresses of a peer that connections use: possibly none that can be dialled. Undefined: it is not connected */
  used (peer: string): readonly string[] | undefined {
    return this.#open.get(peer)?.addresses
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => { this.#opened(detail) }

  readonly #onClose = ({ detail }: CustomEvent<Connection>): void => { this.#closed(detail) }

  #opened (connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const { connections, addresses } = this.#open.get(peer) ?? { connections: [], addresses: [] }

    if (connections.includes(connection)) {
      return
    }

    const address = addressText(connection.remoteAddr, connection.remotePeer) ?? ''
    this.#listeners.beforeOpen(peer)
    this.#open.set(peer, { connections: [...connections, connection], addresses: [...addresses, address] })
    this.#listeners.onOpen(connection)
  }

  #closed (connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const { connections, addresses } = this.#open.get(peer) ?? { connections: [], addresses: [] }
    const index = connections.indexOf(connection)

    if (index === -1) {
      return
    }

    if (connections.length > 1) {
      this.#open.set(peer, { connections: connections.toSpliced(index, 1), addresses: addresses.toSpliced(index, 1) })
      this.#listeners.onClose(peer, addresses[index] ?? '')
    } else {
      this.#open.delete(peer)
      this.#listeners.onDisconnect(peer, addresses, addresses[index] ?? '')
    }
  }
}
