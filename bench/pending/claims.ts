import { ADAPTIVE, OURS, STOCK } from './dialers.ts'
import type { ActiveDials } from './active.ts'
import type { Measured } from './measure.ts'

export interface PendingClaim {
  text: string
  /** Undefined: a figure of the claim was not measured */
  isMet?: boolean
}

/** The maximum bytes of heap for an active dial, and for a queued dial with a signal */
const LIMITS = { active: 84_000, signal: 1_500 }

/** Compares the claims on pending dials with the measurements. Nothing is extrapolated: `of` and `active` return measured values */
export function pendingClaims (of: (dialer: string, size: number) => Measured | undefined, active: (dialer: string) => ActiveDials | undefined): PendingClaim[] {
  return [
    compared('20,000 dials are enqueued in at most 1/50 of stock libp2p\'s time', of(OURS, 20_000), of(STOCK, 20_000), (ours, stock) => ours.enqueue <= stock.enqueue / 50),
    compared('a waiting dial takes at most half of stock libp2p\'s heap', of(OURS, 5_000), of(STOCK, 5_000), (ours, stock) => ours.heap <= stock.heap / 2),
    compared('a join costs at most twice as much with 20,000 pending as with 10', of(OURS, 20_000), of(OURS, 10), (many, few) => worstJoin(many) <= 2 * worstJoin(few)),
    compared('with 20,000 pending a stop rejects every one', of(OURS, 20_000), of(OURS, 20_000), ({ rejected }) => rejected === 20_000),
    limited('a waiting dial whose caller has a signal', of(OURS, 5_000)?.heapWithSignal, LIMITS.signal),
    compared('a join with 8 addresses takes at most a quarter of stock libp2p\'s time', of(OURS, 10), of(STOCK, 10), (ours, stock) => best(ours.joins['8 addresses']) <= best(stock.joins['8 addresses']) / 4),
    ...[OURS, ADAPTIVE].map(dialer => limited(`an active dial with eight silent attempts of ${dialer}`, active(dialer)?.heap, LIMITS.active))
  ]
}

function compared (text: string, a: Measured | undefined, b: Measured | undefined, isMet: (a: Measured, b: Measured) => boolean): PendingClaim {
  return { text, isMet: a == null || b == null ? undefined : isMet(a, b) }
}

function limited (what: string, measured: number | undefined, limit: number): PendingClaim {
  return {
    text: `${what} takes at most ${kilobytes(limit)}${measured == null ? '' : ` (measured: ${kilobytes(measured)})`}`,
    isMet: measured == null ? undefined : measured <= limit
  }
}

/** Returns the slowest join of all kinds of targets and positions */
function worstJoin ({ joins }: Measured): number {
  return Math.max(...Object.values(joins).flat())
}

/** Returns the fastest position: the difference to the others is other work of the machine */
function best (times: readonly number[] = []): number {
  return Math.min(...times)
}

function kilobytes (bytes: number): string {
  return `${(bytes / 1_000).toPrecision(3)} kB`
}
