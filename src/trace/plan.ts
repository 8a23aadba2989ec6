import type { TraceConnection, TraceError, TraceOmissions, TracePipeline, TraceTarget, TraceVerdict } from './types.ts'

/**
 * Says what a dial would do now if nothing answered, as plain JSON. Times are milliseconds after its start. All sources count as answered at
 * once, all names as resolved, and all slots as free
 */
export interface DialPlan {
  version: 1
  target: TraceTarget
  pipeline: TracePipeline
  /** The open connection that would be the answer: nothing would be dialled */
  open?: TraceConnection
  /** Why the dial would fail at once */
  error?: TraceError
  sources: PlannedSource[]
  /** The stages that have not answered in time, by name */
  awaited: string[]
  /** Addresses that would be dialled, in the order of their start, then all others */
  addresses: PlannedAddress[]
  /** How many entries the caps have left out. Absent: none */
  omitted?: TraceOmissions
}

export interface PlannedSource {
  stage: string
  addresses: number
  error?: TraceError
  /** The source asks other peers, and was not asked for the plan */
  wouldBeAsked?: true
  /** The source has not answered in time */
  isAwaited?: true
}

export interface PlannedAddress {
  address: string
  /** `tcp`, `quic-v1`, …. Absent: unknown */
  transport?: string
  /** The sources that have reported the address */
  provenance: string[]
  /** When it would be dialled first. Absent: not within a minute, or not at all */
  startsAt?: number
  /** Why not, where it would not be dialled */
  verdicts: TraceVerdict[]
  /** Why the dialer itself would refuse the address, where no stage has dropped it */
  error?: TraceError
}
