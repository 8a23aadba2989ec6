import type { Facts } from '../address/facts.ts'
import type { Source } from './sources.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What can flow between two stages */
export interface Flow {
  target: Target
  candidates: List
  connections: Connection
}

/** What the callers of one dial asked for */
export interface Target {
  readonly peerId?: PeerId
  /** The addresses that callers passed; a joining caller adds to them */
  readonly multiaddrs: readonly Multiaddr[]
}

/** One reason to believe an address. Where there is no address book only the source is known */
export interface Attestation {
  /** An open string: `user`, `certified`, `peer-store`, `routing`, `dns`, … */
  readonly source: Source
  /** The peer that told this node, as a string */
  readonly reporter?: string
  /** Of the signed record that names the address */
  readonly seq?: bigint
  /** Of `dialled`: who else named the address when this node connected there. Undefined: nobody knows */
  readonly from?: readonly Source[]
  /** How often this was said */
  readonly count?: number
  /** Milliseconds since the epoch, of the first time, of the latest, and of when it no longer counts */
  readonly firstSeen?: number
  readonly lastSeen?: number
  readonly expires?: number
}

/** An address on its way to being dialled. Frozen; no order, no time */
export interface Candidate {
  /** The multiaddr with the peer's own `/p2p/<peer>` suffix, as a string: the candidate's identity */
  readonly id: string
  readonly multiaddr: Multiaddr
  /** What the multiaddr says by itself */
  readonly facts: Facts
  /** The address came in a record that the peer signed, and this node has verified the signature */
  readonly isCertified: boolean
  readonly provenance: readonly Attestation[]
}

/** The candidates as they now stand */
export interface List {
  /** The whole list, preferred first */
  readonly candidates: readonly Candidate[]
  /** No stage above has anything pending: nothing more comes unless a caller joins, an attempt fails, or it is the last call */
  readonly complete: boolean
  /** All has been tried in vain: the dial ends, unless a stage adds something, or has something pending, now */
  readonly last: boolean
}

export interface Flight {
  readonly candidate: Candidate
  readonly startedAt: number
  /** When the remote was first heard of: the transport is connected, the handshake goes on */
  readonly firstResponseAt?: number
}

/** How an attempt ended. A cancelled attempt has no outcome */
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

/** A named step from target to list, list to list, list to connections, or connections to connections. How it works is its own business */
export interface Stage<In extends keyof Flow = 'candidates', Out extends keyof Flow = In, Name extends string = string> {
  readonly name: Name
  readonly accepts: { readonly [K in In]: true }
  readonly yields: Out
  /** The per-dial options that it reads */
  readonly options: readonly string[]
}

/** Any stage, for lists of them */
export interface AnyStage {
  readonly name: string
  readonly accepts: { readonly [K in keyof Flow]?: true }
  readonly yields: keyof Flow
  readonly options: readonly string[]
}

/** What a dialer runs: from a target to connections */
export interface DialPipeline extends AnyStage {
  readonly accepts: { readonly target: true, readonly candidates?: true }
  readonly yields: 'connections'
}
