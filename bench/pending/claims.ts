import { OURS, STOCK } from './dialers.ts'
import type { Measured } from './measure.ts'

export interface PendingClaim {
  text: string
  /** Undefined: one of the figures was not measured */
  isMet?: boolean
}

/** What this project says of many pending dials. `of` answers what was measured, and nothing is extrapolated */
export function pendingClaims (of: (dialer: string, size: number) => Measured | undefined): PendingClaim[] {
  return [
    compared('20,000 dials are enqueued in at most 1/50 of stock libp2p\'s time', of(OURS, 20_000), of(STOCK, 20_000), (ours, stock) => ours.enqueue <= stock.enqueue / 50),
    compared('a waiting dial takes at most half of stock libp2p\'s heap', of(OURS, 5_000), of(STOCK, 5_000), (ours, stock) => ours.heap <= stock.heap / 2),
    compared('a join costs at most twice as much with 20,000 pending as with 10', of(OURS, 20_000), of(OURS, 10), (many, few) => worstJoin(many) <= 2 * worstJoin(few)),
    compared('with 20,000 pending a stop rejects every one', of(OURS, 20_000), of(OURS, 20_000), ({ rejected }) => rejected === 20_000)
  ]
}

function compared (text: string, a: Measured | undefined, b: Measured | undefined, isMet: (a: Measured, b: Measured) => boolean): PendingClaim {
  return { text, isMet: a == null || b == null ? undefined : isMet(a, b) }
}

/** Of all kinds of targets and positions */
function worstJoin ({ joins }: Measured): number {
  return Math.max(...Object.values(joins).flat())
}
