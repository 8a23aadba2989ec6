import { peerIdFromString } from '@libp2p/peer-id'
import { catchRejection } from '../pipeline/foreign-promises.ts'
import { toError } from '../pipeline/errors.ts'
import type { ChangeListener } from './types.ts'
import type { Logger } from '@libp2p/interface'

/** The listeners to changes of one peer, or of all */
export class Subscribers {
  readonly #log: Logger
  readonly #byPeer = new Map<string | undefined, Set<ChangeListener>>()

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

  notify (peer: string): void {
    const listeners = [...this.#byPeer.get(peer) ?? [], ...this.#byPeer.get(undefined) ?? []]

    if (listeners.length === 0) {
      return
    }

    const peerId = peerIdFromString(peer)

    for (const listener of listeners) {
      try {
        listener(peerId)
      } catch (err) {
        this.#onFailure(err)
      }
    }
  }

  readonly #onFailure = (err: unknown): void => {
    this.#log.error('a listener to changes of the address book failed - %e', toError(err))
  }
}
