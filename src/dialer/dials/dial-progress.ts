import { CustomProgressEvent } from 'progress-events'
import type { AttemptEnd } from '../../metrics/observer.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { OpenConnectionProgressEvents } from '@libp2p/interface'
import type { ProgressEvent } from 'progress-events'

/** An address as text, with the id of its peer */
export interface AddressDetail {
  address: string
}

export interface AttemptEndDetail extends AddressDetail {
  /** `cancelled`: another address won, the dial ended, or the attempt begins anew */
  outcome: AttemptEnd['outcome']
  /** The error that the attempt failed with, or the reason for which it was cancelled */
  error?: { name: string, message: string }
}

export interface AddressDroppedDetail extends AddressDetail {
  /** The stage that dropped the address, as edits of the pipeline name it */
  stage: string
  reason: string
}

/** The progress events of a dial beside libp2p's own */
export type DialPipelineProgressEvents =
  | ProgressEvent<'dial-pipeline:attempt-start', AddressDetail>
  | ProgressEvent<'dial-pipeline:attempt-end', AttemptEndDetail>
  | ProgressEvent<'dial-pipeline:address-dropped', AddressDroppedDetail>

/** A progress event of a dial. Those of a transport have the address of their attempt */
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
 * Writes the address of an attempt into an event of its transport. An event that has one keeps it: the transport of a relayed address
 * passes on those of the dial of the relay
 */
export function addAddress (event: unknown, { id }: Candidate): void {
  if (typeof event === 'object' && event !== null && !('address' in event) && Object.isExtensible(event)) {
    Object.defineProperty(event, 'address', { value: id, enumerable: true, configurable: true, writable: true })
  }
}

/** The events that a dial has passed on */
export class PassedEvents {
  readonly #all = new WeakSet<object>()

  /** Returns whether the event is new. A value that is no object always is */
  add (event: unknown): boolean {
    if (typeof event !== 'object' || event === null) {
      return true
    }

    const isNew = !this.#all.has(event)
    this.#all.add(event)

    return isNew
  }
}
