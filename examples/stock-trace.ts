import { systemClock } from '../src/index.ts'
import { candidate } from '../src/stages/index.ts'
import type { AddressStory, AttemptStory, DialTrace } from '../src/index.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

const now = (): number => systemClock.now()

/** libp2p's own dialer keeps no trace: this one looks over its shoulder, for one dial of one node */
export class StockTrace {
  readonly #peerId: PeerId
  readonly #addresses = new Map<string, AddressStory>()
  readonly #startedAt = now()
  #endedAt?: number
  #error?: Error

  constructor (node: object, peerId: PeerId) {
    const { transportManager } = (node as { components: { transportManager: TransportManager } }).components
    const dial = transportManager.dial.bind(transportManager)

    this.#peerId = peerId
    transportManager.dial = async (multiaddr, options) => this.#attempt(multiaddr, async story => dial(multiaddr, {
      ...options,
      onProgress: (event: { type: string }) => {
        if (event.type === 'upgrader:encrypt-outbound-connection') {
          story.firstResponseAt = now()
        }
      }
    }))
  }

  /** For the dial's options: it says which addresses will be dialled, and in which order */
  onProgress = ({ type, detail }: { type: string, detail?: any }): void => {
    if (type === 'dial-queue:calculated-addresses') {
      detail.forEach(({ multiaddr }: { multiaddr: Multiaddr }) => { this.#storyOf(multiaddr) })
    }
  }

  end (error?: Error): void {
    this.#endedAt = now()
    this.#error = error
  }

  read (): DialTrace {
    return { id: '', peerId: this.#peerId, startedAt: this.#startedAt, endedAt: this.#endedAt, error: this.#error, addresses: [...this.#addresses.values()] }
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
    const address = candidate(multiaddr, this.#peerId)
    const story = this.#addresses.get(address.id) ?? { candidate: address, listed: true, attempts: [] }
    this.#addresses.set(address.id, story)

    return story
  }
}
