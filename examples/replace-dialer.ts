// A node that dials with this package. Guide: docs/guides/replace-the-dialer.md
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'

/** Starts a node that dials with `adaptive()` instead of libp2p's own dialer */
export async function startNode (listen: string[] = []) {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { dialer: dialer(adaptive()) }
  })
}
