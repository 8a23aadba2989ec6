/** A dial ends after so many times its `dialTimeout`, also where its attempts never have a slot */
const MOST_TIMES = 6

/** A dial that runs, for whoever waits for it */
export interface TimedDial {
  /** When an attempt of it had a slot first */
  readonly slotAt?: number
  /** The dial wants slots, and has had none */
  readonly isWaitingForSlot: boolean
}

/**
 * Returns when the time of a caller is over: `timeout` milliseconds from when the dial first holds a slot, or from when the caller came, if
 * that is later. While the dial wants nothing but a slot, the time does not count, but for six times as long since the dial began.
 *
 * @param startedAt when the dial began
 * @param since when the caller came
 */
export function deadlineOf ({ slotAt, isWaitingForSlot }: TimedDial, startedAt: number, since: number, timeout: number): number {
  const own = isWaitingForSlot ? Infinity : Math.max(since, slotAt ?? since) + timeout

  return Math.min(own, Math.max(startedAt + MOST_TIMES * timeout, since + timeout))
}
