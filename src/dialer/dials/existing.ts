import { Circuit } from '@multiformats/multiaddr-matcher'
import type { DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The open connection that makes a dial unnecessary, as libp2p has it: not a limited one, a direct one first; a relayed
 * one only if none of the addresses to dial would be direct. Where there is one, it is the preferred one that is taken.
 */
export function findExisting (connections: readonly Connection[], multiaddrs: readonly Multiaddr[], preferred?: Connection): Connection | undefined {
  const usable = connections.filter(({ status, limits }) => status === 'open' && limits == null)

  if (usable.length === 0) {
    return
  }

  const direct = usable.find(connection => connection.direct)
  const found = direct ?? (multiaddrs.some(multiaddr => !Circuit.exactMatch(multiaddr)) ? undefined : usable[0])

  return found != null && preferred != null && usable.includes(preferred) ? preferred : found
}

/** What of a target says whether a connection leads to it */
interface Led {
  readonly peerId?: PeerId
  readonly multiaddrs: readonly Multiaddr[]
}

/** The open connections of a node, of which one makes a dial unnecessary */
export class OpenConnections {
  readonly #components: Pick<DialComponents, 'connectionManager'>
  readonly #preferredOf?: (peerId: PeerId) => Connection | undefined

  /** @param preferredOf returns the connection to a peer that new streams take; undefined: any */
  constructor (components: Pick<DialComponents, 'connectionManager'>, preferredOf?: (peerId: PeerId) => Connection | undefined) {
    this.#components = components
    this.#preferredOf = preferredOf
  }

  /** The one that makes such a dial unnecessary; undefined: there is none, or the dial is forced */
  find ({ peerId, multiaddrs }: Led, { force }: DialPipelineOptions): Connection | undefined {
    return peerId == null || force === true ? undefined : findExisting(this.#components.connectionManager.getConnections(peerId), multiaddrs, this.#preferredOf?.(peerId))
  }

  /** The one that the node's connections have converged on, where that makes such a dial unnecessary */
  preferred (target: Led, options: DialPipelineOptions): Connection | undefined {
    const preferred = target.peerId == null ? undefined : this.#preferredOf?.(target.peerId)

    return preferred != null && this.find(target, options) === preferred ? preferred : undefined
  }
}
