import { isMultiaddr } from '@multiformats/multiaddr'
import { withDialSource } from '../../pipeline/runtime/live-target.ts'
import { SOURCE } from '../../pipeline/sources.ts'
import { READ_BACK } from './source-tags.ts'
import type { SourceTags, SourceTag } from './source-tags.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

interface Connector {
  openConnection (peer: unknown, options?: object): Promise<unknown>
}

/**
 * Tags the addresses in a module's `peer` events before any listener gets them. libp2p's listener stores them
 *
 * @throws if the module does not dispatch its events itself
 */
export function wrapDiscovery (discovery: any, tag: () => SourceTag, sourceTags: SourceTags): void {
  beforeEvent(discovery, 'peer', detail => { sourceTags.markInfo(detail, tag()) })
}

/** Tags the addresses that a peer router or content router finds. libp2p stores those objects, and passes them on */
export function wrapRouter (router: any, tag: () => SourceTag, sourceTags: SourceTags): void {
  const { findPeer } = router

  if (typeof findPeer === 'function') {
    router.findPeer = async (...args: unknown[]) => {
      const info = await findPeer.apply(router, args)
      sourceTags.markInfo(info, tag())

      return info
    }
  }

  for (const name of ['getClosestPeers', 'findProviders']) {
    const find = router[name]

    if (typeof find === 'function') {
      router[name] = (...args: unknown[]) => marked(find.apply(router, args), tag, sourceTags)
    }
  }
}

async function * marked (infos: AsyncIterable<unknown>, tag: () => SourceTag, sourceTags: SourceTags): AsyncGenerator {
  for await (const info of infos) {
    sourceTags.markInfo(info, tag())
    yield info
  }
}

/**
 * Tags the addresses in the events of a node as read from the peer store: listeners may dial them at once. libp2p derives `peer:discovery` from
 * `peer:update`
 *
 * @throws if the node does not dispatch its events itself
 */
export function wrapEvents (events: any, sourceTags: SourceTags): void {
  beforeEvent(events, 'peer:update', detail => {
    // only `peer`: in `previous`, libp2p 3 puts the objects of the writer
    sourceTags.mark(addressesIn(detail?.peer?.addresses), READ_BACK, detail?.peer?.id)
  })
  beforeEvent(events, 'connection:open', connection => {
    // tagged as observed: a remote peer chooses the address that it connects from
    if (connection?.direction === 'inbound') {
      sourceTags.mark(addressesIn([connection.remoteAddr]), { source: SOURCE.observed }, connection.remotePeer)
    }
  })
  beforeEvent(events, 'peer:identify', detail => {
    sourceTags.mark([...addressesIn(detail?.listenAddrs), ...addressesIn(detail?.signedPeerRecord?.addresses)], READ_BACK, detail?.peerId)
  })
}

/** Returns the multiaddrs in a list of multiaddrs, or of objects with one each */
function addressesIn (list: unknown): Multiaddr[] {
  return Array.isArray(list) ? list.map(one => one?.multiaddr ?? one).filter(isMultiaddr) : []
}

/** Calls a function with the detail of each event of a type, before its listeners */
function beforeEvent (emitter: any, type: string, fn: (detail: any) => void): void {
  const { dispatchEvent } = emitter

  if (typeof dispatchEvent !== 'function') {
    throw new Error('its events cannot be seen')
  }

  emitter.dispatchEvent = (event: any) => {
    if (event?.type === type) {
      fn(event.detail)
    }

    return dispatchEvent.call(emitter, event)
  }
}

/** Makes the dials of a module name the source of their addresses */
export function markDials (module: any, source: string): void {
  // the module either keeps the connection manager, or reads it from its components when it dials
  if (module.connectionManager != null) {
    module.connectionManager = withMarkedDials(module.connectionManager, source)
  }
}

/** Returns a proxy of a connection manager whose dials name the source of their addresses */
export function withMarkedDials<T extends Connector> (connectionManager: T, source: string): T {
  return new Proxy(connectionManager, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)

      if (typeof value !== 'function') {
        return value
      }

      // `openConnection` is read at each call: a dialer may have replaced it since
      return name === 'openConnection' ? async (peer: unknown, options: object = {}) => target.openConnection(peer, withDialSource(options, source)) : value.bind(target)
    }
  })
}
