import type { DialSettings } from '../pipeline/types.ts'

/** The `connectionManager` settings of a node that concern its dials */
export interface NodeSettings extends DialSettings {
  /** Milliseconds that a caller without a signal waits for a dial, from when that first holds a slot */
  readonly dialTimeout: number
  readonly maxParallelDials: number
  /** Dials pending at once, running ones included */
  readonly maxDialQueueLength: number
}
