import { peerIdFromString } from '@libp2p/peer-id'
import { TypedEventEmitter } from 'main-event'
import { lastPeerOf, PEERS } from './addresses.ts'
import { never } from './fuzz-clock.ts'
import type { ConnectionStatus, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The ways in which `close()` and `abort()` break their contract */
export const CLOSE_FAULTS = ['close() throws', 'close() rejects', 'close() never answers', 'abort() throws', 'both throw', 'no close event'] as const

export type CloseFault = typeof CLOSE_FAULTS[number]

let connections = 0

/** A connection with the members that a dialer uses */
export class FakeConnection extends TypedEventEmitter<{ close: Event }> {
  readonly id = `fake-${++connections}`
  readonly streams: unknown[] = []
  readonly direct: boolean
  readonly limits?: object
  readonly remoteAddr: Multiaddr
  readonly remotePeer: PeerId
  readonly #fault?: CloseFault
  status: ConnectionStatus = 'open'
  /** Whether the dialer has closed or aborted the connection */
  isReleased = false

  constructor (remoteAddr: Multiaddr, { peer, fault, isLimited = false }: { peer?: PeerId, fault?: CloseFault, isLimited?: boolean } = {}) {
    super()
    const named = lastPeerOf(remoteAddr)
    this.remoteAddr = remoteAddr
    this.remotePeer = peer ?? (named == null ? PEERS[0] as PeerId : peerIdFromString(named))
    this.direct = !remoteAddr.toString().includes('/p2p-circuit')
    this.limits = isLimited ? { bytes: 1n } : undefined
    this.#fault = fault
  }

  newStream (): void {
    throw new Error('A fake connection carries no streams')
  }

  // not async: one of the faults is a synchronous throw
  // oxlint-disable-next-line typescript/promise-function-async
  close (): Promise<void> {
    this.isReleased = true

    switch (this.#fault) {
      case 'close() throws':
      case 'both throw': throw new Error('close() failed')
      case 'close() rejects': return Promise.reject(new Error('close() failed later'))
      case 'close() never answers': return never()
      case 'abort() throws':
      case 'no close event':
      case undefined: this.end('closed')
    }

    return Promise.resolve()
  }

  abort (): void {
    this.isReleased = true

    if (this.#fault === 'abort() throws' || this.#fault === 'both throw') {
      throw new Error('abort() failed')
    }

    this.end('aborted')
  }

  end (status: ConnectionStatus): void {
    if (this.status === 'open') {
      this.status = status

      if (this.#fault !== 'no close event') {
        this.safeDispatchEvent('close')
      }
    }
  }
}
