import { reader } from 'protons-runtime'

/** A domain and a payload type under which peers sign records */
export interface RecordKind {
  readonly domain: string
  readonly payloadType: Uint8Array
  readonly isLegacy: boolean
}

/**
 * What go, js, nim and py deploy, and what RFC 0003 says: rust's default.
 *
 * @see https://github.com/libp2p/specs/blob/master/RFC/0003-routing-records.md
 */
export const RECORD_KINDS: readonly RecordKind[] = [
  { domain: 'libp2p-peer-record', payloadType: Uint8Array.of(0x03, 0x01), isLegacy: false },
  { domain: 'libp2p-routing-state', payloadType: new TextEncoder().encode('/libp2p/routing-state-record'), isLegacy: true }
]

/** A PeerRecord as it stands on the wire: nothing of it has been judged */
export interface WirePeerRecord {
  peerId: Uint8Array
  seq: bigint
  /** AddressInfo messages, undecoded */
  addresses: Uint8Array[]
}

/** Throws where the bytes are not a PeerRecord. An address that is not one does not matter here */
export function readPeerRecord (payload: Uint8Array): WirePeerRecord {
  const record: WirePeerRecord = { peerId: new Uint8Array(), seq: 0n, addresses: [] }
  const fields = reader(payload)

  while (fields.pos < fields.len) {
    const tag = fields.uint32()

    switch (tag) {
      case 0x0a:
        record.peerId = fields.bytes()
        break
      case 0x10:
        record.seq = fields.uint64()
        break
      case 0x1a:
        record.addresses.push(fields.bytes())
        break
      default:
        fields.skipType(tag & 7)
    }
  }

  // it may read a varint that is cut off at the end
  if (fields.pos !== fields.len) {
    throw new RangeError('the last field is cut off')
  }

  return record
}

/** The bytes of the multiaddr in an AddressInfo, none where it has none. Throws where it is not an AddressInfo */
export function readAddressInfo (info: Uint8Array): Uint8Array {
  let multiaddr = new Uint8Array()
  const fields = reader(info)

  while (fields.pos < fields.len) {
    const tag = fields.uint32()

    if (tag === 0x0a) {
      multiaddr = fields.bytes()
    } else {
      fields.skipType(tag & 7)
    }
  }

  return multiaddr
}
