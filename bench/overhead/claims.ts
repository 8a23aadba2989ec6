import type { Claim } from '../claims.ts'

/** What a dial costs at most, in units of what it costs libp2p's own queue, without the address book, convergence and traces */
const BARE: Record<string, Record<string, number>> = {
  '1 address': { 'staggered()': 1.25, 'adaptive()': 1.5 },
  '8 addresses': { 'staggered()': 0.27, 'adaptive()': 0.4 },
  '7 of 8 refuse': { 'staggered()': 1, 'adaptive()': 1.2 }
}

/** The share by which those may raise it */
const REST = 1.05

/** What this project says of the cost of a dial. `ratioOf` returns the median of what was measured */
export function overheadClaims (ratioOf: (dialer: string, scenario: string) => number): Claim[] {
  return Object.entries(BARE).flatMap(([scenario, limits]) => Object.entries(limits).map(([dialer, bare]) => ({
    text: `${dialer}, ${scenario}: at most ${(bare * REST).toFixed(2)} × stock libp2p (measured: ${ratioOf(dialer, scenario).toFixed(2)} ×)`,
    isMet: ratioOf(dialer, scenario) <= bare * REST
  })))
}
