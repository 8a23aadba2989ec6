import { scopeOf } from '../address/scope.ts'
import { CachedValue } from '../pipeline/clock.ts'
import type { DialSurroundings } from '../pipeline/types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection, Libp2pEvents } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, TransportManager } from '@libp2p/interface-internal'
import type { TypedEventTarget } from 'main-event'

/** Milliseconds for which a closed connection over the public internet still shows that this node is on it */
const MEMORY = 3_600_000

/** Maximum number of remembered peers that were connected over the public internet */
const MAX_PEERS = 4_096

export interface SurroundingsComponents {
  readonly connectionManager: Pick<ConnectionManager, 'getConnections'>
  readonly transportManager: Pick<TransportManager, 'getAddrs'>
  readonly addressManager?: Pick<AddressManager, 'getAnnounceAddrs'>
  readonly events: TypedEventTarget<Libp2pEvents>
}

/** Tells whether this node is on the public internet. Uses only what the node sees itself: addresses that others observe may be lies */
export class Surroundings implements DialSurroundings {
  changedAt = -Infinity
  readonly #components: SurroundingsComponents
  readonly #clock: Clock
  /** Time at which each peer was last connected over the public internet, oldest first */
  readonly #peers = new Map<string, number>()
  #lastAt?: number
  /** The current signs that this node is public. Cached, because stages ask for each candidate and libp2p lists the machine's interfaces each time */
  readonly #now: CachedValue<{ readonly hasAddress: boolean, readonly peers: ReadonlySet<string> }>

  constructor (components: SurroundingsComponents, clock: Clock) {
    this.#components = components
    this.#clock = clock
    this.#now = new CachedValue(clock, () => ({ hasAddress: this.#hasAddress(), peers: this.#connectedPeers() }))
  }

  start (): void {
    this.#components.events.addEventListener('connection:open', this.#onConnection)
    this.#components.events.addEventListener('connection:close', this.#onConnection)
  }

  stop (): void {
    this.#components.events.removeEventListener('connection:open', this.#onConnection)
    this.#components.events.removeEventListener('connection:close', this.#onConnection)
  }

  get isPublic (): boolean {
    return this.#isRecent(this.#lastAt) || this.#now.value.hasAddress || this.#now.value.peers.size > 0
  }

  wasPublic (peer: string): boolean {
    return this.#isRecent(this.#peers.get(peer)) || this.#now.value.peers.has(peer)
  }

  #hasAddress (): boolean {
    const { addressManager, transportManager } = this.#components

    return [...transportManager.getAddrs(), ...addressManager?.getAnnounceAddrs() ?? []].some(address => scopeOf(address) === 'public')
  }

  #connectedPeers (): Set<string> {
    return new Set(this.#components.connectionManager.getConnections().filter(isOverInternet).map(({ remotePeer }) => remotePeer.toString()))
  }

  #isRecent (at: number = -Infinity): boolean {
    return this.#clock.now() - at < MEMORY
  }

  readonly #onConnection = ({ detail }: CustomEvent<Connection>): void => {
    if (!isOverInternet(detail)) {
      return
    }

    const peer = detail.remotePeer.toString()
    this.#lastAt = this.#clock.now()
    this.#peers.delete(peer)
    this.#peers.set(peer, this.#lastAt)
    const [oldest] = this.#peers.keys()

    if (oldest != null && this.#peers.size > MAX_PEERS) {
      this.#peers.delete(oldest)
    }
  }
}

function isOverInternet ({ direct, remoteAddr }: Connection): boolean {
  return direct && scopeOf(remoteAddr) === 'public'
}
