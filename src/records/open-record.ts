import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { equals } from 'uint8arrays/equals'
import { checkOptions } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { PEER_ID } from '../pipeline/option-kinds.ts'
import { readPeerRecord, RECORD_KINDS } from './peer-record.ts'
import { readAddresses } from './record-addresses.ts'
import type { PeerId } from '@libp2p/interface'
import type { SignedRecord, RefusalReason, OpenRecordOptions } from './types.ts'

/** The maximum number of bytes of an envelope. The RFCs and other implementations have no limit */
export const MAX_RECORD_SIZE = 8_192

/** The maximum number of addresses of a record, readable or not, like those that go-libp2p keeps of a peer (9cfe2cc0) */
export const MAX_RECORD_ADDRESSES = 64

export const OPEN = { expectedPeer: PEER_ID }

/** The result of `openRecord()`: the verified content of a signed peer record, or why it is refused */
export type OpenedRecord =
  { readonly status: 'opened', readonly record: SignedRecord } |
  { readonly status: 'refused', readonly reason: RefusalReason, readonly text: string }

/**
 * Verifies a signed peer record from an untrusted source. Never throws because of the bytes: a wrong record is `refused` with a reason. A higher
 * `seq` makes a record newer.
 *
 * @throws InvalidParametersError for an unknown or wrong option: ignoring it would accept the record of any peer
 */
export async function openRecord (bytes: Uint8Array, options: OpenRecordOptions = {}): Promise<OpenedRecord> {
  checkOptions('openRecord()', options, OPEN, InvalidParametersError)
  const { expectedPeer } = options

  if (!ArrayBuffer.isView(bytes)) {
    return refused('malformed', `a record is a Uint8Array, not ${describeValue(bytes)}`)
  }

  try {
    if (bytes.byteLength > MAX_RECORD_SIZE) {
      return refused('oversized', `${bytes.byteLength} bytes, more than ${MAX_RECORD_SIZE}`)
    }

    return await open(Uint8Array.from(bytes), expectedPeer)
  } catch (err) {
    return refused('malformed', err instanceof Error ? err.message : String(err))
  }
}

/** Verifies a private copy of the bytes: the caller could change its own during the verification. The cheap checks come first */
async function open (bytes: Uint8Array, expectedPeer?: PeerId): Promise<OpenedRecord> {
  const envelope = RecordEnvelope.createFromProtobuf(bytes)
  const kind = RECORD_KINDS.find(({ payloadType }) => equals(payloadType, envelope.payloadType))

  if (kind == null) {
    return refused('wrong-type', 'an envelope of something else than a peer record')
  }

  if (envelope.publicKey.type === 'ECDSA') {
    return refused('unsupported-key', `no peer id is made of a key of type ${envelope.publicKey.type}`)
  }

  const peerId = peerIdFromPublicKey(envelope.publicKey)
  const { peerId: claimed, seq, addresses } = readPeerRecord(envelope.payload)

  if (!equals(peerId.toMultihash().bytes, claimed)) {
    return refused('wrong-signer', `signed by ${peerId.toString()}, but a record of another peer`)
  }

  if (expectedPeer?.equals(peerId) === false) {
    return refused('unexpected-peer', `a record of ${peerId.toString()}, not of ${expectedPeer.toString()}`)
  }

  if (addresses.length > MAX_RECORD_ADDRESSES) {
    return refused('too-many-addresses', `${addresses.length} addresses, more than ${MAX_RECORD_ADDRESSES}`)
  }

  if (!await isSigned(envelope, kind.domain)) {
    return refused('bad-signature', `not signed by ${peerId.toString()} under ${kind.domain}`)
  }

  return { status: 'opened', record: { peerId, seq, envelope: bytes, ...readAddresses(addresses, peerId) } }
}

/**
 * Returns whether two envelopes contain the same record. A relayer can change an envelope around the signed part, and some keys have many valid
 * signatures of the same bytes
 *
 * @param known an envelope that was opened before, as `next` was
 */
export function isSameRecord (known: Uint8Array, next: Uint8Array): boolean {
  return equals(known, next) || equals(RecordEnvelope.createFromProtobuf(known).payload, RecordEnvelope.createFromProtobuf(next).payload)
}

/** Verifies the signature. Some keys are only found to be invalid here, and throw */
async function isSigned (envelope: RecordEnvelope, domain: string): Promise<boolean> {
  try {
    return await envelope.validate(domain)
  } catch {
    return false
  }
}

function refused (reason: RefusalReason, text: string): OpenedRecord {
  return { status: 'refused', reason, text }
}
