import type { PathRecord } from './dial-components.ts'

/** The networks in a row that must be silent. With 3 of 4 peers offline, 20 peers in a row are silent in 1 of 300 cases */
const LEAST_FAILURES = 20

/** The success ratio of go-libp2p's black_hole_detector.go: 5 of 100 */
const LEAST_SUCCESS = 0.05

/** Returns the share of networks that answer over a path, 0 to 1. One half without observations */
export function successRatio ({ successes, failures }: PathRecord): number {
  return (successes + 1) / (successes + failures + 2)
}

/** Returns whether a path is blocked: the last 20 networks or more were silent, and fewer than 1 in 20 have answered lately */
export function isBlocked (record: PathRecord): boolean {
  return record.failuresInARow >= LEAST_FAILURES && successRatio(record) < LEAST_SUCCESS
}
