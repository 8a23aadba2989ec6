import { addressText } from './address-text.ts'
import type { Connection } from '@libp2p/interface'

/** The connections to one peer, and the address of each */
interface Open {
  readonly connections: readonly Connection[]
  readonly addresses: readonly string[]
}

const NONE: Open = { connections: [], addresses: [] }

/** The open connections of a node, by peer */
export class Connections {
  readonly #open = new Map<string, Open>()

  get all (): Connection[] {
    return [...this.#open.values()].flatMap(({ connections }) => connections)
  }

  has (connection: Connection): boolean {
    return this.#of(connection).connections.includes(connection)
  }

  /** Returns the addresses of a peer that connections use, possibly none that can be dialled. Undefined: the peer is not connected */
  used (peer: string): readonly string[] | undefined {
    return this.#open.get(peer)?.addresses
  }

  add (connection: Connection): void {
    const { remoteAddr, remotePeer } = connection
    const { connections, addresses } = this.#of(connection)
    this.#open.set(remotePeer.toString(), { connections: [...connections, connection], addresses: [...addresses, addressText(remoteAddr, remotePeer) ?? ''] })
  }

  /** Removes a connection, and returns its address */
  remove (connection: Connection): string {
    const peer = connection.remotePeer.toString()
    const { connections, addresses } = this.#of(connection)
    const index = connections.indexOf(connection)

    if (connections.length > 1) {
      this.#open.set(peer, { connections: connections.toSpliced(index, 1), addresses: addresses.toSpliced(index, 1) })
    } else {
      this.#open.delete(peer)
    }

    return addresses[index] ?? ''
  }

  #of ({ remotePeer }: Connection): Open {
    return this.#open.get(remotePeer.toString()) ?? NONE
  }
}
