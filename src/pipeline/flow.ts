import type { Facts } from '../address/facts.ts'
import type { Source } from './sources.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The values that pass from stage to stage, by kind */
export interface Flow {
  target: Target
  candidates: List
  connections: Connection
}

/** The peer and addresses that the callers of one dial asked for */
export interface Target {
  readonly peerId?: PeerId
  /** The addresses that callers passed. A joining caller adds to them */
  readonly multiaddrs: readonly Multiaddr[]
}

/** A report of an address by a source. Without an address book only `source` is known */
export interface AddressReport {
  /** The name of the source, an open string: `user`, `certified`, `peer-store`, `routing`, `dns`, … */
  readonly source: Source
  /** The peer that reported the address to this node, as a string */
  readonly reporter?: string
  /** The sequence number of the signed record with the address */
  readonly seq?: bigint
  /** For `dialled`: the other sources of the address when this node connected there. Undefined: unknown */
  readonly from?: readonly Source[]
  /** How often the source reported the address */
  readonly count?: number
  /** The first report, the latest one, and the expiry, in milliseconds since the epoch */
  readonly firstSeen?: number
  readonly lastSeen?: number
  readonly expires?: number
}

/** An address that may be dialled. Frozen, without order or time */
export interface Candidate {
  /** The identity of the candidate: the multiaddr with the peer's `/p2p/<peer>` suffix, as a string */
  readonly id: string
  readonly multiaddr: Multiaddr
  /** The properties of the multiaddr itself: transport, host class, relay, peer, … */
  readonly facts: Facts
  /** Whether the peer signed the address in a record, and this node has verified the signature */
  readonly isCertified: boolean
  /** The reports of the address: its sources */
  readonly provenance: readonly AddressReport[]
}

/** The candidates of a dial at one moment */
export interface List {
  /** All candidates, preferred first */
  readonly candidates: readonly Candidate[]
  /**
   * Whether no pending work of a stage above may add or release a candidate. Further candidates then come only from a joining caller, a failed
   * attempt, or the last call. Pending scores may still change the order
   */
  readonly complete: boolean
  /** Whether this is the last call: every attempt has failed, and the dial ends unless a stage adds a candidate or pending work now */
  readonly last: boolean
}

export interface Flight {
  readonly candidate: Candidate
  readonly startedAt: number
  /** When the remote responded first: the transport is connected and the handshake goes on */
  readonly firstResponseAt?: number
}

/** The end of an attempt. A cancelled attempt has no outcome */
export type Outcome = Connected | Failed

export interface Connected {
  readonly status: 'connected'
  readonly candidate: Candidate
  readonly startedAt: number
  readonly endedAt: number
  readonly connection: Connection
}

export interface Failed {
  readonly status: 'failed'
  readonly candidate: Candidate
  readonly startedAt: number
  readonly endedAt: number
  readonly error: Error
}

/** A named step of a pipeline: from target to list, list to list, list to connections, or connections to connections */
export interface Stage<In extends keyof Flow = 'candidates', Out extends keyof Flow = In, Name extends string = string> {
  readonly name: Name
  readonly accepts: { readonly [K in In]: true }
  readonly yields: Out
  /** The names of the dial options that the stage reads */
  readonly options: readonly string[]
}

/** Any stage, for collections of stages */
export interface AnyStage {
  readonly name: string
  readonly accepts: { readonly [K in keyof Flow]?: true }
  readonly yields: keyof Flow
  readonly options: readonly string[]
}

/** A pipeline that a dialer can run: from a target to connections */
export interface DialPipeline extends AnyStage {
  readonly accepts: { readonly target: true, readonly candidates?: true }
  readonly yields: 'connections'
}
