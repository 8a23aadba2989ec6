import { quic } from '@chainsafe/libp2p-quic'
import { tcp } from '@libp2p/tcp'
import { dialling, listening } from '../../test/libp2p/kit.ts'
import type { Dialer, DialPipeline } from '../../src/index.ts'
import type { DialerNodeOptions } from '../../test/libp2p/kit.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

export const QUIC = '/ip4/127.0.0.1/udp/0/quic-v1'

/** Starts a node for one test over QUIC and TCP, with this dialer */
export async function quicDialling (t: ExecutionContext, pipeline: DialPipeline, options: DialerNodeOptions = {}): Promise<Libp2p<{ dialer: Dialer }>> {
  return dialling(t, pipeline, { transports: [quic(), tcp()], ...options })
}

/** Starts a node for one test that listens on QUIC and TCP */
export async function quicListening (t: ExecutionContext, listen = [QUIC, '/ip4/127.0.0.1/tcp/0']): Promise<Libp2p> {
  return listening(t, { transports: [quic(), tcp()], listen })
}

export function over (node: Libp2p, transport: 'quic-v1' | 'tcp'): [Multiaddr, ...Multiaddr[]] {
  return node.getMultiaddrs().filter(multiaddr => multiaddr.getComponents().some(({ name }) => name === transport)) as [Multiaddr, ...Multiaddr[]]
}
