/** Milliseconds. Shorter stretches without a sign are part of any network */
const LEAST_DURATION = 3_000

/** At fewer hosts it may be those that are gone */
const ENOUGH_HOSTS = 3

/** More say nothing more */
const MAX_FAILED = 256

/** An attempt that nothing has answered */
export interface Unanswered {
  readonly address: string
  readonly host: string
  readonly peer?: string
  readonly startedAt: number
  /** The host has answered before */
  readonly isProven: boolean
}

/** Something has come from the network */
export interface Sign {
  /** The address of the sender, where that is known */
  readonly address?: string
  readonly host?: string
  readonly peer?: string
  /**
   * - `dial`: the host was dialled, and has answered
   * - `connection`: a peer has connected to this node
   * - `bytes`: an open connection carries something. One that is idle is quiet without an outage, too
   */
  readonly by: 'dial' | 'connection' | 'bytes'
}

/**
 * Tells a stretch in which this machine had no network from one in which peers were gone. An outage lasts 3 s or longer, and
 * nothing comes from the network in it. Its attempts fail by silence, a missing route or DNS only, at three hosts or more, or
 * at all that were dialled
 */
export class OutageDetector {
  readonly #failed = new Map<string, Unanswered>()
  #firstAt = Infinity
  #lastSignAt = -Infinity

  /** Whether something has failed since the last sign */
  get isSuspected (): boolean {
    return this.#failed.size > 0
  }

  get lastSignAt (): number {
    return this.#lastSignAt
  }

  failed (attempt: Unanswered): void {
    if (this.#failed.size < MAX_FAILED) {
      this.#failed.set(attempt.address, attempt)
    }

    this.#firstAt = Math.min(this.#firstAt, attempt.startedAt)
  }

  /**
   * Something has come: a new stretch begins
   *
   * @returns whether the one before was an outage
   */
  end (sign: () => Sign, now: number): boolean {
    const isOutage = now - this.#firstAt >= LEAST_DURATION && this.#isWide(sign())
    this.#firstAt = Infinity
    this.#lastSignAt = now

    // nearly always there is nothing to forget, and to forget it takes time
    if (this.#failed.size > 0) {
      this.#failed.clear()
    }

    return isOutage
  }

  #isWide ({ address, host, peer, by }: Sign): boolean {
    const failed = [...this.#failed.values()].filter(one => {
      // a peer or a host that answers at one address has others that are dead, without an outage
      const isElsewhere = one.address !== address && ((peer != null && one.peer === peer) || (host != null && one.host === host))

      return !isElsewhere && (one.isProven || by !== 'bytes')
    })
    const hosts = new Set(failed.map(({ host }) => host))
    const isEveryHost = by === 'connection' || (by === 'dial' && failed.some(one => one.address === address))

    return hosts.size >= (isEveryHost ? 1 : ENOUGH_HOSTS)
  }
}
