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

/** Of an envelope, in bytes. Neither the RFCs nor other implementations have a limit */
export const MAX_RECORD_SIZE = 8_192

/** Of a record, whether or not they can be read. go-libp2p keeps as many of a peer (9cfe2cc0) */
export const MAX_RECORD_ADDRESSES = 64

export const OPEN = { expectedPeer: PEER_ID }

export type OpenedRecord =
  { readonly status: 'opened', readonly record: SignedRecord } |
  { readonly status: 'refused', readonly reason: RefusalReason, readonly text: string }

/**
 * Opens a signed peer record of whatever origin: whatever the bytes are, and where they are none, it does not throw. The cheap checks come first, and nothing is believed before
 * the signature is verified. Of two records the one with the larger `seq` is newer.
 *
 * @throws InvalidParametersError for an unknown or wrong option: the record of any peer would pass
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

/** The bytes are its own: those of a caller could change while the signature is verified */
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

  return { status: 'opened', record: { peerId, seq, envelope: bytes, isLegacy: kind.isLegacy, ...readAddresses(addresses, peerId) } }
}

/** Some keys throw at a signature, or are found to be no keys, only now */
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
