import { candidate, systemClock } from '../src/index.ts'
import type { AddressStory, AttemptStory, DialTrace } from '../src/index.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

const { now } = systemClock

/** Looks over the shoulder of libp2p's own dialer, which keeps no trace: for one dial of one node */
export class StockTrace {
  readonly #peerId: PeerId
  readonly #addresses = new Map<string, AddressStory>()
  readonly #startedAt = now()
  #endedAt?: number
  #error?: Error

  constructor (node: object, peerId: PeerId) {
    this.#peerId = peerId
    const { transportManager } = (node as { components: { transportManager: TransportManager } }).components
    const dial = transportManager.dial.bind(transportManager)

    transportManager.dial = async (multiaddr, options) => this.#attempt(multiaddr, async story => dial(multiaddr, {
      ...options,
      onProgress: (event: { type: string }) => {
        if (event.type === 'upgrader:encrypt-outbound-connection') {
          story.firstResponseAt = now()
        }
      }
    }))
  }

  /** For the dial's `onProgress`: the addresses, in the order in which they will be dialled */
  progress = (event: { type: string, detail?: unknown }): void => {
    if (event.type === 'dial-queue:calculated-addresses') {
      (event.detail as Array<{ multiaddr: Multiaddr }>).forEach(({ multiaddr }) => { this.#storyOf(multiaddr) })
    }
  }

  end (error?: Error): void {
    this.#endedAt = now()
    this.#error = error
  }

  get trace (): DialTrace {
    return { id: '1', peerId: this.#peerId, startedAt: this.#startedAt, endedAt: this.#endedAt, error: this.#error, addresses: [...this.#addresses.values()] }
  }

  async #attempt (multiaddr: Multiaddr, dial: (story: AttemptStory) => Promise<Connection>): Promise<Connection> {
    const story: AttemptStory = { requestedAt: now(), startedAt: now() }
    this.#storyOf(multiaddr).attempts.push(story)

    try {
      const connection = await dial(story)
      story.result = 'connected'

      return connection
    } catch (error: any) {
      story.result = 'failed'
      story.error = error
      throw error
    } finally {
      story.endedAt = now()
    }
  }

  #storyOf (multiaddr: Multiaddr): AddressStory {
    const made = candidate(multiaddr, this.#peerId)
    const story = this.#addresses.get(made.id) ?? { candidate: made, listed: true, attempts: [] }
    this.#addresses.set(made.id, story)

    return story
  }
}
