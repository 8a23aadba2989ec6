import type { RecordAddresses } from './record-addresses.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A verified record. A certified address need not work, nor be dialable */
export interface SignedRecord extends RecordAddresses {
  /** The signer, with its public key */
  readonly peerId: PeerId
  /** Orders the records of a peer, and is no time: peers count in seconds, milliseconds or nanoseconds */
  readonly seq: bigint
  /** A copy of the opened bytes, to pass on or to store */
  readonly envelope: Uint8Array
}

/** A signed record in the form in which it was received, to pass on */
export type KnownRecord = Pick<SignedRecord, 'seq' | 'envelope'>

/**
 * Why a record is refused
 *
 * - `oversized`: more than MAX_RECORD_SIZE bytes
 * - `malformed`: no envelope, no public key, or no record in it
 * - `wrong-type`: an envelope of another type
 * - `unsupported-key`: a key type without peer ids
 * - `wrong-signer`: a record of another peer than its signer
 * - `unexpected-peer`: a record of another peer than expected
 * - `too-many-addresses`: more than MAX_RECORD_ADDRESSES
 * - `bad-signature`: the signature does not match the key and domain
 */
export type RefusalReason = 'oversized' | 'malformed' | 'wrong-type' | 'unsupported-key' | 'wrong-signer' | 'unexpected-peer' | 'too-many-addresses' | 'bad-signature'

export interface OpenRecordOptions {
  /** Refuses the records of other peers, for example than the remote peer of a connection */
  expectedPeer?: PeerId | undefined
}

export interface SealRecordInit {
  /** With or without the peer's own /p2p suffix, which is not written */
  multiaddrs: readonly Multiaddr[]
  /**
   * The sequence number. It must be higher than that of every record sealed with the key before, by any program. Default: milliseconds since the epoch, like
   * libp2p's identify, and higher than those of all records that this process has sealed with the key
   */
  seq?: bigint | undefined
}
