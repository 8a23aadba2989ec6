import type { Claim } from '../claims.ts'

/** The maximum cost of a dial relative to libp2p's own queue, without the address book, convergence and traces */
const BARE: Record<string, Record<string, number>> = {
  '1 address': { 'staggered()': 1.25, 'adaptive()': 1.5 },
  '8 addresses': { 'staggered()': 0.27, 'adaptive()': 0.4 },
  '7 of 8 refuse': { 'staggered()': 1, 'adaptive()': 1.2 }
}

/** The factor that the address book, convergence and traces may add */
const REST = 1.05

/** Compares the claims on the cost of a dial with the measurements. `ratioOf` returns the measured median */
export function overheadClaims (ratioOf: (dialer: string, scenario: string) => number): Claim[] {
  return Object.entries(BARE).flatMap(([scenario, limits]) => Object.entries(limits).map(([dialer, bare]) => ({
    text: `${dialer}, ${scenario}: at most ${(bare * REST).toFixed(2)} × stock libp2p (measured: ${ratioOf(dialer, scenario).toFixed(2)} ×)`,
    isMet: ratioOf(dialer, scenario) <= bare * REST
  })))
}
