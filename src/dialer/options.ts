import type { Source } from '../pipeline/sources.ts'
import type { DialPipeline, StageOptions } from '../pipeline/types.ts'

/** The options that `node.dial` and `openConnection` take in addition to libp2p's own */
export interface PipelineDialOptions extends StageOptions {
  /** The pipeline of this dial, in place of the node's */
  pipeline?: DialPipeline
  /**
   * The source of the addresses that are passed. `user` also claims addresses that the node itself has handed out
   *
   * @default 'user', except for objects that the node itself has handed out, and for the dials of DCUtR and AutoNAT
   */
  source?: Source
  /**
   * Whether a limited connection resolves the dial at once. A relay closes such a connection after some data or time. Otherwise the
   * dial waits up to five seconds for a direct connection while one may come
   *
   * @default false
   */
  runOnLimitedConnection?: boolean
}

declare module '@libp2p/interface' {
  interface DialOptions extends PipelineDialOptions {}
}

declare module '@libp2p/interface-internal' {
  interface OpenConnectionOptions extends PipelineDialOptions {}
}
