import { hashText } from '../pipeline/hash-text.ts'

/** The bytes of the version and the checksum */
const HEADER = 5

/** Encodes a value. Only `decodeRecord()` with the same version and key can read it */
export function encodeRecord (version: number, key: string, value: unknown): Uint8Array {
  const text = JSON.stringify(value)
  const body = new TextEncoder().encode(text)
  const bytes = new Uint8Array(HEADER + body.byteLength)

  bytes[0] = version
  // the checksum includes the key, because a record is worthless under another key
  new DataView(bytes.buffer).setUint32(1, hashText(key + text))
  bytes.set(body, HEADER)

  return bytes
}

/**
 * Decodes a value of `encodeRecord()`. Its types need no check: the checksum proves that this package has written it
 *
 * @throws Error for bytes that are damaged, of another version, or of another key
 */
export function decodeRecord (version: number, key: string, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes.subarray(HEADER))

  if (bytes[0] !== version || new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) !== hashText(key + text)) {
    throw new Error('not a record of this version and key')
  }

  return JSON.parse(text)
}
