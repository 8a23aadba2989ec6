/** Multiple of the `dialTimeout` after which a dial times out even if its attempts never had a slot */
const MOST_TIMES = 6

/** The members of a running dial that its deadline depends on */
export interface TimedDial {
  /** Time at which an attempt of the dial first had a slot */
  readonly slotAt?: number
  /** Whether the dial wants slots, and has had none */
  readonly isWaitingForSlot: boolean
}

/**
 * Returns the deadline of a caller in milliseconds since the epoch: `timeout` after the dial first had a slot, or after the caller joined,
 * if that is later. While the dial only waits for a slot, the timeout does not run. The deadline is six times `timeout` after
 * the dial's start at the latest, or `timeout` after the caller joined
 *
 * @param startedAt when the dial began
 * @param since when the caller joined
 */
export function deadlineOf ({ slotAt, isWaitingForSlot }: TimedDial, startedAt: number, since: number, timeout: number): number {
  const own = isWaitingForSlot ? Infinity : Math.max(since, slotAt ?? since) + timeout

  return Math.min(own, Math.max(startedAt + MOST_TIMES * timeout, since + timeout))
}
