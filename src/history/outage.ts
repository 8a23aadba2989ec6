/** The minimum duration of an outage in milliseconds: any network has shorter times without a sign */
const MIN_DURATION = 3_000

/** The minimum number of silent hosts in an outage: if there are fewer, the hosts themselves may be gone */
const ENOUGH_HOSTS = 3

/** The maximum number of attempts that are kept: more make no difference */
const MAX_FAILED = 256

/** An attempt without an answer */
export interface UnansweredAttempt {
  readonly address: string
  readonly host: string
  readonly peer?: string
  readonly startedAt: number
  /** Whether the address has answered before */
  readonly isProven: boolean
}

/** A sign that the network works */
export interface NetworkSign {
  /** The address of the sender, if known */
  readonly address?: string
  readonly host?: string
  readonly peer?: string
  /**
   * - `dial`: a dialled host has answered
   * - `connection`: a peer has connected to this node
   * - `bytes`: an open connection has received bytes. Its silence proves nothing, because it may be idle
   */
  readonly by: 'dial' | 'connection' | 'bytes'
}

export const bytesSign = (): NetworkSign => ({ by: 'bytes' })
export const connectionSign = (): NetworkSign => ({ by: 'connection' })

/**
 * Distinguishes an outage of this machine's network from peers that are gone. An outage lasts at least 3 s without any sign of the network. Its attempts
 * fail by silence, missing routes or DNS only, at three hosts or more, or at all dialled hosts. The hosts of a peer count as one unless they have answered before
 */
export class OutageDetector {
  lastSignAt = -Infinity
  readonly #failed = new Map<string, UnansweredAttempt>()
  #firstAt = Infinity

  /** Whether an attempt has failed since the last sign */
  get isSuspected (): boolean {
    return this.#failed.size > 0
  }

  recordFailure (attempt: UnansweredAttempt): void {
    if (this.#failed.size < MAX_FAILED) {
      this.#failed.set(attempt.address, attempt)
    }

    this.#firstAt = Math.min(this.#firstAt, attempt.startedAt)
  }

  /**
   * Records a sign of the network
   *
   * @returns whether the time before it was an outage
   */
  recordSign (sign: () => NetworkSign, now: number): boolean {
    const isOutage = now - this.#firstAt >= MIN_DURATION && this.#isWide(sign())
    this.#firstAt = Infinity
    this.lastSignAt = now

    // shortcut: clearing an empty map takes time too
    if (this.#failed.size > 0) {
      this.#failed.clear()
    }

    return isOutage
  }

  #isWide ({ address, host, peer, by }: NetworkSign): boolean {
    const failed = [...this.#failed.values()].filter(one => {
      // other addresses of the peer or host that answers are left out: they may be dead without an outage
      const isElsewhere = one.address !== address && ((peer != null && one.peer === peer) || (host != null && one.host === host))

      return !isElsewhere && (one.isProven || by !== 'bytes')
    })
    // the hosts of one peer count as one: they are all silent when the peer is offline. One that has answered before stands for itself
    const hosts = new Set(failed.map(({ host, peer = host, isProven }) => isProven ? host : peer))
    const isEveryHost = by === 'connection' || (by === 'dial' && failed.some(one => one.address === address))

    return hosts.size >= (isEveryHost ? 1 : ENOUGH_HOSTS)
  }
}
