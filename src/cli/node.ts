import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { dialer } from '../dialer/index.ts'
import type { DialerComponents } from '../dialer/dialer-init.ts'
import type { Dialer } from '../dialer/dialer.ts'
import type { DialPipeline } from '../pipeline/types.ts'
import type { Libp2p } from '@libp2p/interface'

export type CliNode = Libp2p<{ dialer: Dialer }>

/** Starts a node that dials through a pipeline. The node neither listens nor dials by itself */
export async function startNode (pipeline: DialPipeline): Promise<CliNode> {
  return createLibp2p({
    addresses: { listen: [] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // the monitor would ping each peer
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      // libp2p 3.0 has its own copy of interface-datastore with incompatible types
      dialer: (components: object) => dialer(pipeline)(components as DialerComponents)
    }
  })
}
