import { existsSync } from 'node:fs'
import type { Libp2pOptions } from 'libp2p'

type TransportFactory = NonNullable<Libp2pOptions['transports']>[number]

const ENTRY = new URL('../../interop/installed/quic/node_modules/@chainsafe/libp2p-quic/dist/src/index.js', import.meta.url)

/** Returns the QUIC transport if `npm run interop -- quic` has installed it: it is not a dependency of this package */
export async function quicTransport (): Promise<TransportFactory | undefined> {
  if (!existsSync(ENTRY)) {
    return
  }

  const { quic } = await import(ENTRY.href) as { quic: () => TransportFactory }

  return quic()
}
