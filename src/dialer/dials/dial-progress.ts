import { CustomProgressEvent } from 'progress-events'
import type { AttemptEnd } from '../../metrics/observer.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { OpenConnectionProgressEvents } from '@libp2p/interface'
import type { ProgressEvent } from 'progress-events'

/** An address as text, with its peer id */
export interface AddressDetail {
  address: string
}

export interface AttemptEndDetail extends AddressDetail {
  /** `cancelled`: another address won, the dial ended, or the attempt restarts */
  outcome: AttemptEnd['outcome']
  /** The error of the attempt, or the reason of its cancellation */
  error?: { name: string, message: string }
}

export interface AddressDroppedDetail extends AddressDetail {
  /** The name of the stage that dropped the address, as in edits of the pipeline */
  stage: string
  reason: string
}

/** The progress events of a dial in addition to libp2p's own */
export type DialPipelineProgressEvents =
  | ProgressEvent<'dial-pipeline:attempt-start', AddressDetail>
  | ProgressEvent<'dial-pipeline:attempt-end', AttemptEndDetail>
  | ProgressEvent<'dial-pipeline:address-dropped', AddressDroppedDetail>

/** A progress event of a dial. Events of a transport have the address of their attempt */
export type DialProgressEvent = (OpenConnectionProgressEvents | DialPipelineProgressEvents) & { readonly address?: string }

export function attemptStarted ({ id }: Candidate): DialPipelineProgressEvents {
  return new CustomProgressEvent('dial-pipeline:attempt-start', { address: id })
}

export function attemptEnded ({ id }: Candidate, outcome: AttemptEnd['outcome'], error?: Error): DialPipelineProgressEvents {
  return new CustomProgressEvent('dial-pipeline:attempt-end', { address: id, outcome, ...error == null ? {} : { error: { name: error.name, message: error.message } } })
}

export function addressDropped ({ id }: Candidate, stage: string, reason: string): DialPipelineProgressEvents {
  return new CustomProgressEvent('dial-pipeline:address-dropped', { address: id, stage, reason })
}

/**
 * Adds the address of an attempt to an event of its transport. An event with an address keeps it: a relayed address's transport passes
 * on the events of the relay's dial
 */
export function addAddress (event: unknown, { id }: Candidate): void {
  if (typeof event === 'object' && event !== null && !('address' in event) && Object.isExtensible(event)) {
    Object.defineProperty(event, 'address', { value: id, enumerable: true, configurable: true, writable: true })
  }
}
