import { reader } from 'protons-runtime'

/**
 * The domains and payload types of signed records: those that go, js, nim and py deploy, and those of RFC 0003, rust's default.
 *
 * @see https://github.com/libp2p/specs/blob/master/RFC/0003-routing-records.md
 */
export const RECORD_KINDS = [
  { domain: 'libp2p-peer-record', payloadType: Uint8Array.of(0x03, 0x01) },
  { domain: 'libp2p-routing-state', payloadType: new TextEncoder().encode('/libp2p/routing-state-record') }
]

/** Decodes a PeerRecord, but not its AddressInfo messages, so that a wrong address does not matter yet. Throws for bytes that are not a PeerRecord */
export function readPeerRecord (payload: Uint8Array): { peerId: Uint8Array, seq: bigint, addresses: Uint8Array[] } {
  const record = { peerId: new Uint8Array(), seq: 0n, addresses: new Array<Uint8Array>() }
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

  // the last field has to end with the bytes: protons may read a varint beyond the end
  if (fields.pos !== fields.len) {
    throw new RangeError('the last field is cut off')
  }

  return record
}

/** Returns the bytes of the multiaddr in an AddressInfo, empty if it has none. Throws for bytes that are not an AddressInfo */
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
