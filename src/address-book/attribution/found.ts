import { isMultiaddr } from '@multiformats/multiaddr'
import { SOURCE } from '../../pipeline/sources.ts'
import { READ_BACK } from './source-tags.ts'
import type { SourceTags, Testimony } from './source-tags.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Marks the addresses of a module's `peer` events before anybody hears of them. libp2p stores them from its listener
 *
 * @throws where the module does not dispatch its events itself
 */
export function wrapDiscovery (discovery: any, testimony: () => Testimony, sourceTags: SourceTags): void {
  beforeEvent(discovery, 'peer', detail => { sourceTags.markInfo(detail, testimony()) })
}

/** Marks the addresses that a peer router or content router finds. libp2p stores those objects, and hands them on */
export function wrapRouter (router: any, testimony: () => Testimony, sourceTags: SourceTags): void {
  const { findPeer } = router

  if (typeof findPeer === 'function') {
    router.findPeer = async (...args: unknown[]) => {
      const info = await findPeer.apply(router, args)
      sourceTags.markInfo(info, testimony())

      return info
    }
  }

  for (const name of ['getClosestPeers', 'findProviders']) {
    const find = router[name]

    if (typeof find === 'function') {
      router[name] = (...args: unknown[]) => marked(find.apply(router, args), testimony, sourceTags)
    }
  }
}

async function * marked (infos: AsyncIterable<unknown>, testimony: () => Testimony, sourceTags: SourceTags): AsyncGenerator {
  for await (const info of infos) {
    sourceTags.markInfo(info, testimony())
    yield info
  }
}

/**
 * Marks the addresses in the events of a node as read from the peer store: whoever hears of an event may dial them at once. libp2p
 * makes `peer:discovery` of `peer:update`
 *
 * @throws where the node does not dispatch its events itself
 */
export function wrapEvents (events: any, sourceTags: SourceTags): void {
  beforeEvent(events, 'peer:update', detail => {
    // in what the peer was before, libp2p 3 puts the objects of whoever writes
    sourceTags.mark(addressesIn(detail?.peer?.addresses), READ_BACK, detail?.peer?.id)
  })
  beforeEvent(events, 'connection:open', connection => {
    // whoever connects chooses where from
    if (connection?.direction === 'inbound') {
      sourceTags.mark(addressesIn([connection.remoteAddr]), { source: SOURCE.observed }, connection.remotePeer)
    }
  })
  beforeEvent(events, 'peer:identify', detail => {
    sourceTags.mark([...addressesIn(detail?.listenAddrs), ...addressesIn(detail?.signedPeerRecord?.addresses)], READ_BACK, detail?.peerId)
  })
}

/** Multiaddrs, or objects with one each */
function addressesIn (list: unknown): Multiaddr[] {
  return Array.isArray(list) ? list.map(one => one?.multiaddr ?? one).filter(isMultiaddr) : []
}

/** Calls a function with the detail of each event of a type, before anybody hears of the event */
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
