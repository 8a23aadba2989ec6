import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { writer } from 'protons-runtime'
import { RECORD_KINDS } from '../../src/records/peer-record.ts'
import type { PrivateKey } from '@libp2p/interface'

type RecordKind = typeof RECORD_KINDS[number]

export const [deployed, legacy] = RECORD_KINDS as [RecordKind, RecordKind]

export interface Sealed {
  /** Multiaddrs as bytes, well-formed or not */
  addresses?: readonly Uint8Array[]
  seq?: bigint
  /** The peer id in the record. Default: the one of the key */
  peerId?: Uint8Array
  domain?: string
  payloadType?: Uint8Array
  payload?: Uint8Array
}

/** Seals a record without checks, so that tests can make wrong ones */
export async function seal (key: PrivateKey, sealed: Sealed = {}): Promise<Uint8Array> {
  const payload = sealed.payload ?? payloadOf(key, sealed)
  const envelope = await RecordEnvelope.seal({
    domain: sealed.domain ?? deployed.domain,
    codec: sealed.payloadType ?? deployed.payloadType,
    marshal: () => payload,
    equals: () => false
  }, key)

  return envelope.marshal()
}

export function payloadOf (key: PrivateKey, { peerId, seq = 1n, addresses = [] }: Sealed): Uint8Array {
  const payload = writer()
  payload.uint32(0x0a).bytes(peerId ?? peerIdFromPrivateKey(key).toMultihash().bytes)
  payload.uint32(0x10).uint64(seq)

  for (const address of addresses) {
    payload.uint32(0x1a).fork()
    payload.uint32(0x0a).bytes(address)
    payload.ldelim()
  }

  return payload.finish()
}
