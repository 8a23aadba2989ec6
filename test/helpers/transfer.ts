// Sends bytes over a stream while connections open and close, and checks what arrives
import { createHash } from 'node:crypto'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'

const ON_ANY = { runOnLimitedConnection: true }
const CHUNK = 16 * 1024

/** Returns the hash in hexadecimal */
export function hashOf (data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Returns the hashes of the data of each ended stream of a protocol */
export function receiveHashes (node: Libp2p, protocol: string): Set<string> {
  const hashes = new Set<string>()

  void node.handle(protocol, stream => {
    const hash = createHash('sha256')
    stream.addEventListener('message', ({ data }) => { hash.update(data.subarray()) })
    stream.addEventListener('remoteCloseWrite', () => {
      hashes.add(hash.digest('hex'))
      stream.close().catch(err => { stream.abort(err) })
    })
  }, ON_ANY)

  return hashes
}

/** Sends one half immediately and the other one later, and closes the stream */
export async function sendHalves (stream: Stream, data: Uint8Array, later: () => Promise<unknown>): Promise<void> {
  for (let at = 0; at < data.byteLength; at += CHUNK) {
    if (at === data.byteLength / 2) {
      await later()
    }

    if (!stream.send(data.subarray(at, at + CHUNK))) {
      await stream.onDrain()
    }
  }

  await stream.close()
}

/** Returns the connection of a node that carries a stream */
export function connectionOf (node: Libp2p, stream: Stream): Connection | undefined {
  return node.getConnections().find(({ streams }) => streams.includes(stream))
}
