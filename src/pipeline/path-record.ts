import type { PathRecord } from './dial-components.ts'

/** Networks in a row that were silent. Fewer say little: where three of four peers are offline, twenty peers are in 1 of 300 cases */
const LEAST_FAILURES = 20

/** go-libp2p's 5 of 100 (black_hole_detector.go) */
const LEAST_SUCCESS = 0.05

/** The share of networks that answer over a path: 0 to 1. One half where nothing is known */
export function successRatio ({ successes, failures }: PathRecord): number {
  return (successes + 1) / (successes + failures + 2)
}

/** Whether nothing comes through over a path: the last 20 networks or more were silent, and fewer than one in twenty has answered lately */
export function isBlocked (record: PathRecord): boolean {
  return record.failuresInARow >= LEAST_FAILURES && successRatio(record) < LEAST_SUCCESS
}
