import { addressText } from './address-text.ts'
import type { Connection } from '@libp2p/interface'

/** The open connections of a node, by peer, with the address of each */
export class Connections {
  readonly #open = new Map<string, Map<Connection, string>>()

  get all (): Connection[] {
    return Array.from(this.#open.values(), connections => [...connections.keys()]).flat()
  }

  has (connection: Connection): boolean {
    return this.#open.get(connection.remotePeer.toString())?.has(connection) === true
  }

  /** Returns the addresses of a peer that connections use, possibly none that can be dialled. Undefined: the peer is not connected */
  used (peer: string): readonly string[] | undefined {
    const connections = this.#open.get(peer)

    return connections == null ? undefined : [...connections.values()]
  }

  add (connection: Connection): void {
    const { remoteAddr, remotePeer } = connection
    const connections = this.#open.get(remotePeer.toString()) ?? new Map<Connection, string>()
    this.#open.set(remotePeer.toString(), connections.set(connection, addressText(remoteAddr, remotePeer) ?? ''))
  }

  /** Removes a connection, and returns its address */
  remove (connection: Connection): string {
    const peer = connection.remotePeer.toString()
    const connections = this.#open.get(peer)
    const address = connections?.get(connection) ?? ''
    connections?.delete(connection)

    if (connections?.size === 0) {
      this.#open.delete(peer)
    }

    return address
  }
}
