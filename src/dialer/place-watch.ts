import type { Candidate, DialComponents } from '../pipeline/types.ts'

/** Milliseconds: RFC 8305's Connection Attempt Delay, and its Maximum */
const TIME = { min: 250, max: 2_000 }

export interface PlaceWatchInit {
  /** Whether nothing was heard of the remote */
  readonly isSilent: () => boolean
  /** Whether others wait for the place that have not had one */
  readonly isWanted: () => boolean
  /** Has the attempt end, and begin anew behind them. Called once */
  readonly leave: () => void
}

/**
 * Has an attempt that is silent leave its place to others: hosts that are off would hold up those that are on. It keeps the place for as
 * long as 49 of 50 first responses take by what the node knows, and while nobody waits
 *
 * @returns a function that ends the watch
 */
export function watchPlace (candidate: Candidate, { clock, history }: Pick<DialComponents, 'clock' | 'history'>, { isSilent, isWanted, leave }: PlaceWatchInit): () => void {
  const { mu, sigma } = history.estimate(candidate).firstResponse
  const time = Math.min(TIME.max, Math.max(TIME.min, Math.ceil(Math.exp(mu + 2 * sigma))))
  let cancel = (): void => {}

  function watch (): void {
    cancel = clock.setTimeout(() => {
      if (isSilent() && isWanted()) {
        leave()
      } else if (isSilent()) {
        watch()
      }
    }, time)
  }

  watch()

  return () => { cancel() }
}
