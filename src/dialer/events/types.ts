import type { AddressDroppedDetail, AttemptEndDetail } from '../dials/dial-progress.ts'
import type { ConnectionChange } from '../../pipeline/convergence.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** Times are in milliseconds since the epoch, addresses are text with the id of their peer */
export interface DialStartDetail {
  id: string
  /** Absent: no caller has named a peer */
  peer?: string
  /** The addresses that callers have passed */
  addresses: string[]
  /** The name of the pipeline, and `pipeline` where it has none */
  pipeline: string
  at: number
}

/** A transport begins to dial an address */
export interface AttemptStartDetail {
  /** The dials that want the address: several may share an attempt */
  dials: string[]
  address: string
  peer?: string
  /** `tcp`, `ws`, `quic-v1`, `circuit`, … */
  transport: string
  at: number
}

export interface AttemptDetail extends AttemptStartDetail, AttemptEndDetail {
  endedAt: number
  /** When the remote was first heard of. Absent: the remote was not heard of */
  firstResponseAt?: number
}

export interface AddressDroppedEvent extends AddressDroppedDetail {
  dial: string
  peer?: string
  at: number
}

export interface DialerEvents {
  /** A dial has its turn, and its pipeline begins */
  'dial:start': CustomEvent<DialStartDetail>
  /** A dial has ended, and its connections are settled */
  'dial:end': CustomEvent<DialTrace>
  /** A transport begins to dial an address */
  'attempt:start': CustomEvent<AttemptStartDetail>
  /** An attempt has connected, has failed, or was cancelled because another address won */
  'attempt:end': CustomEvent<AttemptDetail>
  /** A stage has dropped an address. The stage may let the address pass later: `dial:end` tells the last verdict */
  'address:dropped': CustomEvent<AddressDroppedEvent>
  /** `verifyInbound` has refused an inbound connection, which is about to be closed. The error says why */
  'connection:refused': CustomEvent<{ peerId: PeerId, connection: Connection, error: Error }>
  /** New streams to a peer take another connection than before, which is still open */
  'connection:preferred': CustomEvent<ConnectionChange>
  /** A dial has connected once more, better than over `previous`, which its callers were given, or which came after that or took its place */
  'connection:additional': CustomEvent<ConnectionChange>
}

/** Every event of a dialer */
export const EVENT_TYPES = ['dial:start', 'dial:end', 'attempt:start', 'attempt:end', 'address:dropped', 'connection:refused', 'connection:preferred', 'connection:additional'] as const satisfies ReadonlyArray<keyof DialerEvents>
