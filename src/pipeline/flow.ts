import type { Source } from './sources.ts'
import type { AnyStageInit } from './types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What can flow between two stages */
export interface Flow {
  target: Target
  candidates: List
  connections: Connection
}

/** What the callers of one dial asked for. Yielded again, with a new revision, whenever there is something to look at anew */
export interface Target {
  readonly kind: 'target'
  readonly peerId?: PeerId
  /** The addresses that callers passed; a joining caller adds to them */
  readonly multiaddrs: readonly Multiaddr[]
  readonly revision: number
}

/** One reason to believe an address. Where there is no address book only the source is known */
export interface Attestation {
  /** An open string: `user`, `certified`, `peer-store`, `routing`, `dns`, … */
  readonly source: Source
  /** The peer that told this node, as a string */
  readonly reporter?: string
  /** Of the signed record that names the address */
  readonly seq?: bigint
  /** How often this was said */
  readonly count?: number
  /** Milliseconds since the epoch, of the first time, of the latest, and of when it no longer counts */
  readonly firstSeen?: number
  readonly lastSeen?: number
  readonly expires?: number
}

/** Facts about an address on its way to being dialled. Frozen; no order, no time */
export interface Candidate {
  /** The multiaddr with the peer's own `/p2p/<peer>` suffix, as a string: the candidate's identity */
  readonly id: string
  readonly multiaddr: Multiaddr
  /** The address came in a record that the peer signed */
  readonly isCertified: boolean
  readonly provenance: readonly Attestation[]
}

/** The candidates as they now stand */
export interface List {
  readonly kind: 'candidates'
  /** The whole list, preferred first */
  readonly candidates: readonly Candidate[]
  /** Nothing more comes unless the target grows or an attempt fails */
  readonly complete: boolean
  /** It is complete but for what a source looks for because all else is spent */
  readonly isLookingFurther?: boolean
  /** The state of the dial (target and failures) that this list was made from */
  readonly revision: number
  /** When the next may start. Default: 250 ms after the one before */
  readonly pace?: Pace
  /** For the runner: by the identity of an address, the filters that stand above the source which gives it */
  readonly entries?: ReadonlyMap<string, readonly AnyStageInit[]>
}

/** Pure. Which candidate may start next, and at what time; undefined: none for now */
export type Pace = (race: RaceState) => Start | undefined

export interface Start {
  candidate: Candidate
  /** On the dial's clock. With nothing in flight the race does not wait for it */
  at: number
}

export interface RaceState {
  /** In the list's order */
  readonly untried: readonly Candidate[]
  readonly inFlight: readonly Flight[]
  readonly outcomes: readonly Outcome[]
  /** When the latest attempt of this race started */
  readonly lastStart?: number
  readonly now: number
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
