import { mean, quantile } from '../network/statistics.ts'
import type { Measurement } from './measure.ts'

/** The cost of a needless dial, in milliseconds of waiting */
export const COST_PER_DIAL = 30

export interface Summary {
  /** The number of peers that could be reached, and of those that were connected */
  readonly reachable: number
  readonly connected: number
  /** Milliseconds until the connection */
  readonly mean: number
  readonly p50: number
  readonly p95: number
  /** The mean of the milliseconds that a dial takes longer than a dial of the best address alone */
  readonly regret: number
  readonly attempts: number
  /** `regret`, plus `COST_PER_DIAL` milliseconds for each attempt. Lower is better */
  readonly score: number
  /** The share of relayed connections */
  readonly relayed: number
  /** The mean of the dials of peers that cannot be reached */
  readonly unreachable: { readonly attempts: number, readonly time: number }
}

export function summaryOf ({ reached, unreachable }: Measurement): Summary {
  const times = reached.map(({ time }) => time)
  const regret = mean(reached.map(({ time, limit }) => time - limit))
  const attempts = mean(reached.map(({ attempts }) => attempts))

  return {
    reachable: reached.length,
    connected: reached.filter(({ connected }) => connected).length,
    mean: mean(times),
    p50: quantile(0.5)(times),
    p95: quantile(0.95)(times),
    regret,
    attempts,
    score: regret + COST_PER_DIAL * attempts,
    relayed: mean(reached.map(({ isRelayed }) => Number(isRelayed))),
    unreachable: { attempts: mean(unreachable.map(({ attempts }) => attempts)), time: mean(unreachable.map(({ time }) => time)) }
  }
}
