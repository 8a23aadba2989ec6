import type { DialPipelineOptions } from '../../pipeline/types.ts'

/** The parts of a join key beside libp2p's options */
export interface JoinKeyInit {
  /** The number of the pipeline */
  readonly pipeline: number
  /** The key of the declared options */
  readonly declared: string
  /** The dial connects to the relay of an address */
  readonly isOfRelay: boolean
  /** The key of what the dial inherits, where it is made for others */
  readonly inherited?: string
}

/** Returns the text that dials of the same peer have in common if they are one dial */
export function joinKeyOf ({ force, initiator, runOnLimitedConnection }: DialPipelineOptions, { pipeline, declared, isOfRelay, inherited }: JoinKeyInit): string {
  return `${pipeline}${force === true ? ' force' : ''}${initiator === false ? ' responder' : ''}${runOnLimitedConnection === true ? ' limited' : ''}${isOfRelay ? ' relay' : ''}${declared}${inherited == null ? '' : ` for ${inherited}`}`
}
