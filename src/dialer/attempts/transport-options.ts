import type { OuterAttempt } from './nested.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'

/** Of a dial that is traced: passed on as it is */
interface Traced {
  trace?: unknown
}

export interface TransportOptions {
  readonly initiator?: boolean
  readonly trace?: unknown
}

/** What of a caller's options reaches the transport. That passes all it is given to the socket: a `path` would be dialled instead of the address */
export function transportOptionsFor ({ initiator, trace }: DialPipelineOptions & Traced): TransportOptions {
  return {
    ...initiator == null ? {} : { initiator },
    ...trace == null ? {} : { trace }
  }
}

/**
 * What of a transport's options a dial made for another takes over
 *
 * @param policy the options of the other dial that are its policy, for relays too
 */
export function inheritedOptions ({ signal, onProgress, trace }: DialPipelineOptions & Traced, { priority }: OuterAttempt, policy: DialPipelineOptions = {}): DialPipelineOptions {
  return { signal, priority, onProgress, ...trace == null ? {} : { trace }, ...policy }
}
