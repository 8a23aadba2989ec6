import { hashText } from '../pipeline/hash-text.ts'

/** Bytes of the version and the checksum */
const HEADER = 5

/** Returns a value as bytes. Only `decodeRecord` of the same version and key reads them */
export function encodeRecord (version: number, key: string, value: unknown): Uint8Array {
  const text = JSON.stringify(value)
  const body = new TextEncoder().encode(text)
  const bytes = new Uint8Array(HEADER + body.byteLength)

  bytes[0] = version
  // of the key as well: a record is of no use in the place of another
  new DataView(bytes.buffer).setUint32(1, hashText(key + text))
  bytes.set(body, HEADER)

  return bytes
}

/**
 * Returns the value that `encodeRecord` was given. Its types need no check: the checksum shows that this package has written it
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
