import { mean, quantile } from '../network/statistics.ts'
import type { Measurement } from './measure.ts'

/** What a needless dial costs, in milliseconds of waiting */
export const COST_PER_DIAL = 30

export interface Summary {
  /** How many peers could be reached, and how many of them were */
  readonly reachable: number
  readonly connected: number
  /** Milliseconds until the connection */
  readonly mean: number
  readonly p50: number
  readonly p95: number
  /** Milliseconds more than the best address alone takes, in the mean */
  readonly regret: number
  readonly attempts: number
  /** Regret, and what the attempts cost: less is better */
  readonly score: number
  /** The share of connections that are relayed */
  readonly relayed: number
  /** Of peers that nobody can reach */
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
