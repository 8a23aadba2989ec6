import type { Connection } from '@libp2p/interface'

/** A dial, where its attempts are counted. The counts are the dial's own: in a WeakMap they would keep each dial alive until the next major collection */
export interface SpeculatingDial {
  /** Its attempts that have not failed, also those that wait */
  readonly attempts: Set<SlotTaker>
  /** All its attempts are speculative */
  isDemoted: boolean
}

/** An attempt that takes slots, for the dials that want it */
export interface SlotTaker {
  readonly dials: ReadonlySet<SpeculatingDial>
  isInFlight: boolean
  /** What the attempt gave */
  readonly connection?: Connection
}
