/** Bytes of the version and the checksum */
const HEADER = 5

/** Returns a value as bytes. Only `decodeRecord` of the same version and key reads them */
export function encodeRecord (version: number, key: string, value: unknown): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(value))
  const bytes = new Uint8Array(HEADER + body.byteLength)

  bytes[0] = version
  new DataView(bytes.buffer).setUint32(1, checksum(key, body))
  bytes.set(body, HEADER)

  return bytes
}

/**
 * Returns the value that `encodeRecord` was given. Its types need no check: the checksum shows that this package has written it
 *
 * @throws Error for bytes that are damaged, of another version, or of another key
 */
export function decodeRecord (version: number, key: string, bytes: Uint8Array): unknown {
  const body = bytes.subarray(HEADER)

  if (bytes[0] !== version || new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) !== checksum(key, body)) {
    throw new Error('not a record of this version and key')
  }

  return JSON.parse(new TextDecoder().decode(body))
}

/** FNV-1a, of the key as well: a record is of no use in the place of another */
function checksum (key: string, body: Uint8Array): number {
  let hash = 0x811c9dc5

  for (const bytes of [new TextEncoder().encode(key), body]) {
    for (let i = 0; i < bytes.length; i++) {
      hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193)
    }
  }

  return hash >>> 0
}
