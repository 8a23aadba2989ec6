import type { DialPipeline, StageOptions } from '../pipeline/types.ts'

/** What `node.dial` and its like take beside libp2p's own options */
export interface PipelineDialOptions extends StageOptions {
  /** Another pipeline for this dial than the node's */
  pipeline?: DialPipeline
}

declare module '@libp2p/interface' {
  interface DialOptions extends PipelineDialOptions {}
}

declare module '@libp2p/interface-internal' {
  interface OpenConnectionOptions extends PipelineDialOptions {}
}
