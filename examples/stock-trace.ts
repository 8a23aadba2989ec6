import { systemClock } from '../src/index.ts'
import { candidate } from '../src/stages/index.ts'
import type { DialTrace, TraceAttempt, TraceCandidate } from '../src/trace/index.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

const now = (): number => systemClock.now()

/** libp2p's own dialer keeps no trace: this one looks over its shoulder, for one dial of one node */
export class StockTrace {
  readonly #peerId: PeerId
  readonly #candidates = new Map<string, TraceCandidate>()
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
          story.marks.push({ name: 'opened', at: this.#now() })
        }
      }
    }))
  }

  /** For the dial's options: it says which addresses will be dialled, and in which order */
  onProgress = ({ type, detail }: { type: string, detail?: any }): void => {
    if (type === 'dial-queue:calculated-addresses') {
      detail.forEach(({ multiaddr }: { multiaddr: Multiaddr }) => { this.#candidateOf(multiaddr) })
    }
  }

  end (error?: Error): void {
    this.#endedAt = this.#now()
    this.#error = error
  }

  read (): DialTrace {
    const error = this.#error == null ? {} : { error: { name: this.#error.name, message: this.#error.message } }

    return {
      version: 1,
      id: '',
      target: { peer: this.#peerId.toString(), addresses: [] },
      pipeline: { stages: [] },
      startedAt: this.#startedAt,
      settledAt: this.#endedAt,
      endedAt: this.#endedAt,
      outcome: this.#error == null ? 'connected' : 'failed',
      ...error,
      callers: [],
      sources: [],
      awaited: [],
      candidates: [...this.#candidates.values()]
    }
  }

  /** Milliseconds since the dial began */
  #now (): number {
    return now() - this.#startedAt
  }

  async #attempt (multiaddr: Multiaddr, dial: (story: TraceAttempt) => Promise<Connection>): Promise<Connection> {
    const story: TraceAttempt = { plannedAt: this.#now(), startedAt: this.#now(), marks: [], outcome: 'in flight' }
    this.#candidateOf(multiaddr).attempts.push(story)

    try {
      const connection = await dial(story)
      story.outcome = 'connected'

      return connection
    } catch (error: any) {
      story.outcome = 'failed'
      story.error = { name: error.name, message: error.message }
      throw error
    } finally {
      story.endedAt = this.#now()
    }
  }

  #candidateOf (multiaddr: Multiaddr): TraceCandidate {
    const { id } = candidate(multiaddr, this.#peerId)
    const known = this.#candidates.get(id) ?? { address: id, provenance: [], verdicts: [], place: this.#candidates.size, attempts: [] }
    this.#candidates.set(id, known)

    return known
  }
}
