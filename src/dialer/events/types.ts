import type { AddressDroppedDetail, AttemptEndDetail } from '../dials/dial-progress.ts'
import type { ConnectionChange } from '../../pipeline/convergence.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** The detail of `dial:start`. Times are in milliseconds since the epoch, addresses are text with the peer id */
export interface DialStartDetail {
  id: string
  /** The peer id. Absent when no caller has named a peer */
  peer?: string
  /** The addresses that the callers have passed */
  addresses: string[]
  /** The name of the pipeline. `pipeline` when it has no name */
  pipeline: string
  at: number
}

/** The detail of `attempt:start` */
export interface AttemptStartDetail {
  /** The ids of the dials that want the address: dials share attempts */
  dials: string[]
  address: string
  peer?: string
  /** `tcp`, `ws`, `quic-v1`, `circuit`, … */
  transport: string
  at: number
}

export interface AttemptDetail extends AttemptStartDetail, AttemptEndDetail {
  endedAt: number
  /** Time of the first response of the remote. Absent without a response */
  firstResponseAt?: number
}

export interface AddressDroppedEvent extends AddressDroppedDetail {
  dial: string
  peer?: string
  at: number
}

/** The events of a dialer, by name */
export interface DialerEvents {
  /** A dial begins to run its pipeline. Before that it was queued */
  'dial:start': CustomEvent<DialStartDetail>
  /** A dial has ended, and its connections are yielded or closed */
  'dial:end': CustomEvent<DialTrace>
  /** A transport begins to dial an address */
  'attempt:start': CustomEvent<AttemptStartDetail>
  /** An attempt has connected, has failed, or was cancelled: no dial needed it any more */
  'attempt:end': CustomEvent<AttemptDetail>
  /** A stage has dropped an address. The stage may still keep it later: `dial:end` has the last verdict */
  'address:dropped': CustomEvent<AddressDroppedEvent>
  /** `verifyInbound` has refused an inbound connection, which is about to be closed. The error has the reason */
  'connection:refused': CustomEvent<{ peerId: PeerId, connection: Connection, error: Error }>
  /** New streams to a peer use another connection than before. The previous connection is still open */
  'connection:preferred': CustomEvent<ConnectionChange>
  /** A dial has made another, better connection. `previous` is the one that its callers got, or a later one */
  'connection:additional': CustomEvent<ConnectionChange>
}

/** All event types of a dialer */
export const EVENT_TYPES = ['dial:start', 'dial:end', 'attempt:start', 'attempt:end', 'address:dropped', 'connection:refused', 'connection:preferred', 'connection:additional'] as const satisfies ReadonlyArray<keyof DialerEvents>
