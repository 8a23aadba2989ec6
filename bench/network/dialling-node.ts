import { dialer } from '../../src/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import { transports } from './transports.ts'
import type { Dialer, DialerInit, DialPipeline } from '../../src/index.ts'
import type { Connection, ServiceMap } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'

export interface DiallingNode {
  /** Dials as the node does. Without a signal, the node's timeout applies */
  dial (addresses: readonly Multiaddr[], signal?: AbortSignal): Promise<Connection>
  /** Dials without a dialer: an attempt starts `delay` ms after the previous one, or when that has failed. The first connection wins */
  dialBarely (addresses: readonly Multiaddr[], delay: number, signal: AbortSignal): Promise<Connection>
  /** Returns the addresses of a peer that transports dialled since the last call */
  takeAttempts (peer: string): string[]
  /** Resolves when a dial has ended, including its work after the first connection. Needs a pipeline */
  readonly ended: Promise<void>
  /** The number of connections so far, and of attempts that began after the first connection */
  readonly counts: { readonly opened: number, readonly late: number }
  stop (): Promise<void>
}

export interface DiallingNodeInit {
  dialer?: DialerInit
  connectionManager?: Libp2pOptions['connectionManager']
}

/** Creates a node that counts its attempts. Without a pipeline it uses libp2p's own dialer */
export async function diallingNode (pipeline: DialPipeline | undefined, init: DiallingNodeInit = {}): Promise<DiallingNode> {
  const node = await createNode<ServiceMap & { dialer?: Dialer }>({
    listen: [],
    transports: await transports(),
    services: pipeline == null ? {} : { dialer: dialer(pipeline, init.dialer) },
    connectionManager: { maxConnections: 100_000, ...init.connectionManager }
  })
  const { transportManager } = (node as object as { components: { transportManager: TransportManager } }).components
  const attempts = new Map<string, string[]>()
  const counts = { opened: 0, late: 0 }
  node.addEventListener('connection:open', () => { counts.opened++ })
  const dial = transportManager.dial.bind(transportManager)

  transportManager.dial = async (multiaddr, options) => {
    const peer = peerOf(multiaddr)
    counts.late += counts.opened > 0 ? 1 : 0
    attempts.set(peer, [...attempts.get(peer) ?? [], multiaddr.toString()])

    return dial(multiaddr, options)
  }

  return {
    dial: async (addresses, signal) => node.dial([...addresses], { signal }),
    dialBarely: async (addresses, delay, signal) => race(transportManager, addresses, delay, signal),
    takeAttempts: peer => {
      const taken = attempts.get(peer) ?? []
      attempts.delete(peer)

      return taken
    },
    ended: new Promise(resolve => { node.services.dialer?.addEventListener('dial:end', () => { resolve() }, { once: true }) }),
    counts,
    stop: async () => { await node.stop() }
  }
}

/** The smallest possible race. The difference to it is the cost of a dialer */
async function race (transportManager: TransportManager, addresses: readonly Multiaddr[], delay: number, signal: AbortSignal): Promise<Connection> {
  const losers = new AbortController()
  const connecting: Array<Promise<Connection>> = []

  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    let failed = 0

    const next = (): void => {
      const address = addresses[connecting.length]
      clearTimeout(timer)

      if (address == null || losers.signal.aborted) {
        return
      }

      const own = new AbortController()
      const stop = (): void => { own.abort() }
      losers.signal.addEventListener('abort', stop)
      const dial = transportManager.dial(address, { signal: AbortSignal.any([own.signal, signal]) })
      connecting.push(dial)

      dial.then(connection => {
        losers.signal.removeEventListener('abort', stop)

        if (losers.signal.aborted) {
          connection.abort(new Error('lost'))
        } else {
          clearTimeout(timer)
          losers.abort()
          resolve(connection)
        }
      }, err => {
        if (++failed === addresses.length) {
          reject(err)
        }

        next()
      })

      if (delay > 0) {
        timer = setTimeout(next, delay)
      } else {
        next()
      }
    }

    next()
  })
}

export function peerOf (multiaddr: Multiaddr): string {
  return multiaddr.getComponents().findLast(({ name }) => name === 'p2p')?.value ?? ''
}
