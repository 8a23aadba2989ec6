import type { DialSettings } from '../pipeline/types.ts'

/** The `connectionManager` settings of a node that concern its dials */
export interface NodeSettings extends DialSettings {
  /** Milliseconds that a caller without a signal waits for a dial, counted from the dial's first attempt slot */
  readonly dialTimeout: number
  readonly maxParallelDials: number
  /** Maximum number of pending dials, including running ones */
  readonly maxDialQueueLength: number
}
