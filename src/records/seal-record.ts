import { InvalidParametersError, isPrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { BIGINT, listOf, MULTIADDR, required } from '../pipeline/option-kinds.ts'
import { nextSeq, noteSeq } from './next-seq.ts'
import { MAX_RECORD_ADDRESSES, MAX_RECORD_SIZE } from './open-record.ts'
import { ownAddress } from './record-addresses.ts'
import type { PrivateKey } from '@libp2p/interface'
import type { SealRecordInit } from './types.ts'

const PRIVATE_KEY = { expected: 'a private key', test: isPrivateKey }
const SEAL = { multiaddrs: required(listOf('multiaddrs', MULTIADDR)), seq: BIGINT }

/**
 * Signs a record like go-libp2p and js-libp2p, and returns the bytes of its envelope.
 *
 * @throws UnsupportedKeyTypeError for a key without a peer id (ECDSA)
 * @throws InvalidParametersError for an unknown, missing or wrong option, an address of another peer, a `seq` that is not a uint64, and a record that
 * `openRecord()` would refuse for its size
 */
export async function sealRecord (privateKey: PrivateKey, init: SealRecordInit): Promise<Uint8Array> {
  checkArguments('sealRecord()', arguments, 2, undefined, InvalidParametersError)
  checkValue('sealRecord()', privateKey, PRIVATE_KEY, InvalidParametersError)
  checkOptions('sealRecord()', init, SEAL, InvalidParametersError)
  const { multiaddrs, seq = nextSeq(privateKey) } = init
  const peerId = peerIdFromPrivateKey(privateKey)

  if (BigInt.asUintN(64, seq) !== seq) {
    throw new InvalidParametersError(`seq ${seq} is no unsigned integer of 64 bits`)
  }

  if (multiaddrs.length > MAX_RECORD_ADDRESSES) {
    throw new InvalidParametersError(`${multiaddrs.length} addresses, more than ${MAX_RECORD_ADDRESSES}`)
  }

  const own = multiaddrs.map(address => {
    const own = ownAddress(address, peerId)

    if (own == null) {
      throw new InvalidParametersError(`${address.toString()} leads to another peer than ${peerId.toString()}`)
    }

    return own
  })

  noteSeq(privateKey, seq)
  const envelope = await RecordEnvelope.seal(new PeerRecord({ peerId, multiaddrs: own, seqNumber: seq }), privateKey)
  const bytes = envelope.marshal()

  if (bytes.byteLength > MAX_RECORD_SIZE) {
    throw new InvalidParametersError(`a record of ${bytes.byteLength} bytes, more than ${MAX_RECORD_SIZE}`)
  }

  return bytes
}
