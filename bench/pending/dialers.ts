import { staggered } from '../../presets/index.ts'
import type { DialPipeline } from '../../src/index.ts'

export const STOCK = 'stock libp2p'
export const OURS = 'staggered()'

/** Undefined: the node's own dialer stays */
export function pipelineOf (dialer: string): DialPipeline | undefined {
  return dialer === STOCK ? undefined : staggered()
}
