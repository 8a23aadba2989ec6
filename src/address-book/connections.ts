import { addressText } from './address-text.ts'
import type { Connection } from '@libp2p/interface'

/** The open connections of a node, by peer, with the address of each */
export class Connections {
  readonly #open = new Map<string, Map<Connection, string>>()

  get all (): Connection[] {
    return Array.from(this.#open.values(), connections => [...connections.keys()]).flat()
  }

  /** Returns the addresses of a peer that connections use, possibly none that can be dialled. Undefined: the peer is not connected */
  used (peer: string): readonly string[] | undefined {
    const connections = this.#open.get(peer)

    return connections == null ? undefined : [...connections.values()]
  }

  /** Adds a connection. Returns false if it was added before */
  add (connection: Connection): boolean {
    const { remoteAddr, remotePeer } = connection
    const connections = this.#open.get(remotePeer.toString()) ?? new Map<Connection, string>()
    const isNew = !connections.has(connection)
    this.#open.set(remotePeer.toString(), connections.set(connection, addressText(remoteAddr, remotePeer) ?? ''))

    return isNew
  }

  /** Removes a connection, and returns its address. Undefined: it was not added */
  remove (connection: Connection): string | undefined {
    const peer = connection.remotePeer.toString()
    const connections = this.#open.get(peer)
    const address = connections?.get(connection)
    connections?.delete(connection)

    if (connections?.size === 0) {
      this.#open.delete(peer)
    }

    return address
  }
}
