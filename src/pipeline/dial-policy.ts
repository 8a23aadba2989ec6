import type { AnyStage, DialPipelineOptions } from './types.ts'

/** What an attempt may do: the filters that its address has passed, and the dial options that they read */
export interface DialPolicy {
  readonly stages: readonly AnyStage[]
  /**
   * The filters above the source of the address. In a dial with a pipeline of its own, they hold for all addresses of a relay but the one
   * that the source gave
   */
  readonly bypassed?: readonly AnyStage[]
  readonly options: DialPipelineOptions
}
