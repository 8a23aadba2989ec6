import type { RecordAddresses } from './record-addresses.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a peer signed, and every check passed. That it is certified does not make an address right, or dialable */
export interface SignedRecord extends RecordAddresses {
  /** The signer: its public key is known */
  readonly peerId: PeerId
  /** Says which of two records is newer and nothing else: peers count in seconds, milliseconds or nanoseconds */
  readonly seq: bigint
  /** A copy of what was opened, to pass on or to store */
  readonly envelope: Uint8Array
  /** Of the domain and type that RFC 0003 says, not of those that are deployed */
  readonly isLegacy: boolean
}

/** A signed record as it was received, to pass on */
export type KnownRecord = Pick<SignedRecord, 'seq' | 'envelope'>

/**
 * - `oversized` more than MAX_RECORD_SIZE bytes
 * - `malformed` no envelope, no public key, or no record in it
 * - `wrong-type` an envelope of something else
 * - `unsupported-key` of a type that no peer id is made of
 * - `wrong-signer` a record of another peer than signed it
 * - `unexpected-peer` a record of another peer than was expected
 * - `too-many-addresses` more than MAX_RECORD_ADDRESSES
 * - `bad-signature` not signed by that key, under that domain
 */
export type RefusalReason = 'oversized' | 'malformed' | 'wrong-type' | 'unsupported-key' | 'wrong-signer' | 'unexpected-peer' | 'too-many-addresses' | 'bad-signature'

export interface OpenRecordOptions {
  /** Refuse the record of any other peer, e.g. than the one that a connection leads to */
  expectedPeer?: PeerId
}

export interface SealRecordInit {
  /** With or without the peer's own /p2p suffix: it is not written */
  multiaddrs: readonly Multiaddr[]
  /**
   * Has to be more than that of every record sealed with the key before, by any program. Default: milliseconds since the epoch, as libp2p's
   * identify counts, and more than that of each record that this process has sealed with the key before
   */
  seq?: bigint
}
