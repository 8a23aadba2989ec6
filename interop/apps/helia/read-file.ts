// Two Helia nodes: one reads a file of the other through a dial pipeline. Guide: docs/guides/helia.md
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createHeliaLight } from 'helia'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'

/** Starts Helia on the loopback. It uses no gateway, no DHT and no public server */
const startHelia = async () => withBitswap(withLibp2pLight(createHeliaLight(), {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), dialer: dialer(adaptive()) }
})).start()

const [provider, reader] = await Promise.all([startHelia(), startHelia()])
const cid = await unixfs(provider).addBytes(new TextEncoder().encode('hello'))

await reader.libp2p.dial(provider.libp2p.getMultiaddrs())

for await (const bytes of unixfs(reader).cat(cid, { signal: AbortSignal.timeout(10_000) })) {
  console.log(new TextDecoder().decode(bytes))
}

console.log(reader.libp2p.services.dialer.traces(provider.libp2p.peerId)[0]?.outcome)
await Promise.all([provider.stop(), reader.stop()])
