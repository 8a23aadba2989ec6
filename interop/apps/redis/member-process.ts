// Started by fleet.test.ts: `node member-process.ts`. Runs a node of a fleet and answers the requests of its parent process
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { createClient } from 'redis'
import { exchangeHistory } from '../../../examples/share-history.ts'
import { emulatedTcp } from './internet.ts'
import { redisStore } from './redis-store.ts'
import type { Fates } from './internet.ts'

/** Requests to a node */
export type Request =
  | { readonly exchange: { readonly socket: string, readonly name: string } }
  /** Addresses of each peer. The peers are dialled one after another */
  | { readonly dial: ReadonlyArray<readonly string[]>, readonly fates: Fates }

/** Cost of one dial */
export interface DialResult {
  readonly attempts: number
  readonly ms: number
}

/** Answer to `exchange`: the number of peers with news */
export type Answer = readonly DialResult[] | number

if (import.meta.filename === process.argv[1]) {
  let fates: Fates = {}
  let attempts = 0
  const node = await createLibp2p({
    transports: [emulatedTcp(address => fates[address] ?? 'silent', () => { attempts++ })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { dialer: dialer(adaptive()) }
  })

  const dial = async (addresses: readonly string[]): Promise<DialResult> => {
    const [before, begun] = [attempts, performance.now()]
    const connection = await node.dial(addresses.map(address => multiaddr(address)))
    const ms = performance.now() - begun
    await connection.close()

    return { attempts: attempts - before, ms }
  }

  const exchange = async ({ socket, name }: { socket: string, name: string }): Promise<number> => {
    const redis = await createClient({ socket: { path: socket, tls: false } }).connect()

    try {
      return await exchangeHistory(node.services.dialer, redisStore(redis), { name, onError: error => { throw error } })
    } finally {
      await redis.close()
    }
  }

  const perform = async (request: Request): Promise<Answer> => {
    if ('exchange' in request) {
      return exchange(request.exchange)
    }

    const results: DialResult[] = []
    fates = request.fates

    for (const addresses of request.dial) {
      results.push(await dial(addresses))
    }

    return results
  }

  process.on('message', request => {
    perform(request as Request).then(answer => process.send?.({ answer }), (error: unknown) => process.send?.({ error: String(error) }))
  })
  process.once('disconnect', () => process.exit())
  process.send?.('ready')
}
