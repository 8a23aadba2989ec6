import type { TraceConnection, TraceError, TraceOmissions, TracePipeline, TraceTarget, TraceVerdict } from './types.ts'

/**
 * Describes what a dial would do now if no address answered, as plain JSON. Times are milliseconds after its start. The plan assumes that
 * sources answer at once, names resolve at once, and all slots are free
 */
export interface DialPlan {
  version: 1
  target: TraceTarget
  pipeline: TracePipeline
  /** The open connection that would answer the dial. Nothing would be dialled then */
  open?: TraceConnection
  /** The error with which the dial would fail at once */
  error?: TraceError
  sources: PlannedSource[]
  /** The names of the stages that have not answered in time */
  awaited: string[]
  /** The addresses that would be dialled, in the order of their start, then all others */
  addresses: PlannedAddress[]
  /** Number of entries beyond the caps. Absent when there are none */
  omitted?: TraceOmissions
}

export interface PlannedSource {
  stage: string
  addresses: number
  error?: TraceError
  /** Present when the source asks other peers. It was not asked for the plan */
  wouldBeAsked?: true
  /** Why the dial would not ask the source */
  notAsked?: string
  /** Present when the source has not answered in time */
  isAwaited?: true
}

export interface PlannedAddress {
  address: string
  /** `tcp`, `quic-v1`, …. Absent when it is unknown */
  transport?: string
  /** The sources that have reported the address */
  provenance: string[]
  /** Start of the first attempt. Absent when the address would not be dialled within a minute */
  startsAt?: number
  /** The verdicts of the stages on the address. The last one tells why it would not be dialled */
  verdicts: TraceVerdict[]
  /** The error with which the dialer itself would refuse the address, after no stage has dropped it */
  error?: TraceError
}
