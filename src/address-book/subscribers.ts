import { peerIdFromString } from '@libp2p/peer-id'
import { catchRejection } from '../pipeline/foreign-promises.ts'
import { toError } from '../pipeline/errors.ts'
import { nextTurn } from '../pipeline/clock.ts'
import type { ChangeListener } from './types.ts'
import type { Logger } from '@libp2p/interface'

/** The listeners to changes of one peer, or of all */
export class Subscribers {
  readonly #log: Logger
  readonly #byPeer = new Map<string | undefined, Set<ChangeListener>>()
  /** Whether a listener is being called */
  #isCalling = false
  /** The peers that listeners have changed, until the next turn */
  readonly #later = new Set<string>()

  constructor (log: Logger) {
    this.#log = log
  }

  add (peer: string | undefined, given: ChangeListener): () => void {
    // a new function, so that a listener that is added twice is called twice
    const listener: ChangeListener = peer => { catchRejection(given(peer), this.#onFailure) }
    const listeners = this.#byPeer.get(peer) ?? new Set()
    listeners.add(listener)
    this.#byPeer.set(peer, listeners)

    return () => {
      listeners.delete(listener)

      if (listeners.size === 0 && this.#byPeer.get(peer) === listeners) {
        this.#byPeer.delete(peer)
      }
    }
  }

  /** Calls the listeners at once, or in the next turn of the event loop if a listener itself has changed the peer */
  notify (peer: string): void {
    const listeners = [...this.#byPeer.get(peer) ?? [], ...this.#byPeer.get(undefined) ?? []]

    if (listeners.length === 0) {
      return
    }

    if (this.#isCalling) {
      this.#callLater(peer)
      return
    }

    const peerId = peerIdFromString(peer)
    this.#isCalling = true

    for (const listener of listeners) {
      try {
        listener(peerId)
      } catch (err) {
        this.#onFailure(err)
      }
    }

    this.#isCalling = false
  }

  /** Listeners that answer each other's changes would call themselves without end */
  #callLater (peer: string): void {
    if (this.#later.size === 0) {
      nextTurn(() => {
        const peers = [...this.#later]
        this.#later.clear()
        peers.forEach(one => { this.notify(one) })
      })
    }

    this.#later.add(peer)
  }

  readonly #onFailure = (err: unknown): void => {
    this.#log.error('a listener to changes of the address book failed - %e', toError(err))
  }
}
