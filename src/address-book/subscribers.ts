import { peerIdFromString } from '@libp2p/peer-id'
import { callGuarded } from '../pipeline/foreign-promises.ts'
import { toError } from '../pipeline/errors.ts'
import { nextTurn } from '../pipeline/clock.ts'
import type { ChangeListener } from './types.ts'
import type { Logger } from '@libp2p/interface'

/** The listeners to changes of one peer, or of all */
export class Subscribers {
  readonly #log: Logger
  readonly #all = new Set<{ readonly peer?: string, readonly listener: ChangeListener }>()
  #isCalling = false
  /** The peers that listeners have changed, until the next turn */
  readonly #later = new Set<string>()

  constructor (log: Logger) {
    this.#log = log
  }

  add (peer: string | undefined, listener: ChangeListener): () => void {
    const subscription = { peer, listener }
    this.#all.add(subscription)

    return () => { this.#all.delete(subscription) }
  }

  /** Calls the listeners at once, or in the next turn of the event loop if a listener itself has changed the peer */
  notify (changed: string): void {
    const subscriptions = [...this.#all].filter(({ peer }) => peer == null || peer === changed)

    if (subscriptions.length > 0 && this.#isCalling) {
      this.#callLater(changed)
    } else if (subscriptions.length > 0) {
      const peerId = peerIdFromString(changed)
      this.#isCalling = true
      subscriptions.forEach(({ listener }) => { callGuarded(() => listener(peerId), this.#onFailure) })
      this.#isCalling = false
    }
  }

  /** Calls the listeners in the next turn: listeners that react to each other's changes would otherwise recurse without end */
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
