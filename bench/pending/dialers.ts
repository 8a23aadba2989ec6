import { adaptive, staggered } from '../../presets/index.ts'
import type { DialPipeline } from '../../src/index.ts'

export const STOCK = 'stock libp2p'
export const OURS = 'staggered()'
export const ADAPTIVE = 'adaptive()'

const PIPELINES: Record<string, () => DialPipeline> = { [OURS]: staggered, [ADAPTIVE]: adaptive }

/** Returns the pipeline of a dialer. Undefined: the node keeps libp2p's own dialer */
export function pipelineOf (dialer: string): DialPipeline | undefined {
  return PIPELINES[dialer]?.()
}
