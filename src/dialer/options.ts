import type { Source } from '../pipeline/sources.ts'
import type { DialPipeline, StageOptions } from '../pipeline/types.ts'

/** What `node.dial` and its like take beside libp2p's own options */
export interface PipelineDialOptions extends StageOptions {
  /** Another pipeline for this dial than the node's */
  pipeline?: DialPipeline
  /**
   * The source that the addresses have which are passed. `user` claims addresses that the node itself has handed out
   *
   * @default 'user', but for objects that the node itself has handed out, and for what DCUtR and AutoNAT dial
   */
  source?: Source
  /**
   * Whether a connection is an answer at once that a relay ends after some data or time. Otherwise a direct one is waited for while
   * one may come, for five seconds at most
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
