import { dialer } from '../../src/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import { transports } from './transports.ts'
import type { DialerInit, DialPipeline } from '../../src/index.ts'
import type { Connection, ServiceMap } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'

export interface DiallingNode {
  /** Without a signal as long as the node has it */
  dial (addresses: readonly Multiaddr[], signal?: AbortSignal): Promise<Connection>
  /** Without a dialer: every transport at once, the first connection wins */
  dialAllAtOnce (addresses: readonly Multiaddr[], signal: AbortSignal): Promise<Connection>
  /** The addresses of a peer that a transport was asked to dial until now, and forgets them */
  takeAttempts (peer: string): string[]
  stop (): Promise<void>
}

export interface DiallingNodeInit {
  dialer?: DialerInit
  connectionManager?: Libp2pOptions['connectionManager']
}

/** A node that counts its attempts. Without a pipeline its dialer is libp2p's own */
export async function diallingNode (pipeline: DialPipeline | undefined, init: DiallingNodeInit = {}): Promise<DiallingNode> {
  const node = await createNode<ServiceMap>({
    listen: [],
    transports: await transports(),
    services: pipeline == null ? {} : { dialer: dialer(pipeline, init.dialer) },
    connectionManager: { maxConnections: 100_000, ...init.connectionManager }
  })
  const { transportManager } = (node as object as { components: { transportManager: TransportManager } }).components
  const attempts = new Map<string, string[]>()
  const dial = transportManager.dial.bind(transportManager)

  transportManager.dial = async (multiaddr, options) => {
    const peer = peerOf(multiaddr)
    attempts.set(peer, [...attempts.get(peer) ?? [], multiaddr.toString()])

    return dial(multiaddr, options)
  }

  return {
    dial: async (addresses, signal) => node.dial([...addresses], { signal }),
    dialAllAtOnce: async (addresses, signal) => {
      const dials = addresses.map(address => {
        const loser = new AbortController()
        const connecting = transportManager.dial(address, { signal: AbortSignal.any([loser.signal, signal]) })

        return { loser, connecting }
      })
      const winner = await Promise.any(dials.map(async ({ loser, connecting }) => ({ loser, connection: await connecting })))

      for (const { loser, connecting } of dials) {
        if (loser !== winner.loser) {
          loser.abort()
          connecting.then(late => { late.abort(new Error('lost')) }, () => {})
        }
      }

      return winner.connection
    },
    takeAttempts: peer => {
      const taken = attempts.get(peer) ?? []
      attempts.delete(peer)

      return taken
    },
    stop: async () => { await node.stop() }
  }
}

export function peerOf (multiaddr: Multiaddr): string {
  return multiaddr.getComponents().findLast(({ name }) => name === 'p2p')?.value ?? ''
}
