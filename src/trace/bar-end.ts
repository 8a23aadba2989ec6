import type { TraceAttempt, TraceMark } from './types.ts'

/** The shape that a waterfall draws at the end of a bar */
export type BarEnd = 'connected' | 'failed' | 'cancelled' | 'flight' | 'source'

/** The level of progress that an attempt has reached at each mark. It starts at 0 */
export const MARK_LEVELS: Readonly<Record<TraceMark['name'], number>> = { opened: 1, answered: 1, encrypted: 2, muxed: 3 }

/** Returns the shape of an outcome. A rejected connection counts as a failure */
export function barEndOf ({ outcome }: Pick<TraceAttempt, 'outcome'>): BarEnd {
  switch (outcome) {
    case 'in flight':
    case 'waiting': return 'flight'
    case 'rejected': return 'failed'
    case 'connected':
    case 'failed':
    case 'cancelled': return outcome
  }
}
