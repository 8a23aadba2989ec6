// Finds addresses in a directory of your own, with a cache. Guide: docs/guides/write-a-source.md
import { multiaddr } from '@multiformats/multiaddr'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { source } from 'libp2p-dial-pipeline/stages'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Asks an HTTP directory for the addresses of a peer. Caches the answers for `ttl` ms, of at most `cacheSize` peers */
export function fromDirectory (url: string, { ttl = 60_000, cacheSize = 1_000 } = {}) {
  const cache = new Map<string, { readonly addresses: readonly Multiaddr[], readonly expires: number }>()

  return source('from-directory', async ({ target, clock, signal }) => {
    if (target.peerId == null) {
      return []
    }

    const peer = target.peerId.toString()
    const cached = cache.get(peer)

    if (cached != null && cached.expires > clock.now()) {
      return cached.addresses
    }

    // the signal aborts when the dial ends: the request ends with it
    const response = await fetch(`${url}/peers/${peer}`, { signal })

    if (!response.ok) {
      throw new Error(`The directory answered with status ${response.status}`)
    }

    const addresses = (await response.json() as string[]).map(address => multiaddr(address))
    cache.delete(peer)
    cache.set(peer, { addresses, expires: clock.now() + ttl })

    if (cache.size > cacheSize) {
      // the first key is the oldest: a Map keeps the order of insertion
      const [oldest = ''] = cache.keys()
      cache.delete(oldest)
    }

    return addresses
  }, { when: 'exhausted' })
}

export const withDirectory = adaptive().before('resolve', fromDirectory('http://127.0.0.1:8080'))
