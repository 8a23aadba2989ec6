import { isMultiaddr } from '@multiformats/multiaddr'
import { SOURCE } from '../../pipeline/sources.ts'
import { beforeEvent } from './before-event.ts'
import { echo } from './taints.ts'
import type { Taints } from './taints.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Marks the addresses in the events of a node as read from the peer store: whoever hears of an event may dial them at once. libp2p
 * makes `peer:discovery` of `peer:update`
 *
 * @throws where the node does not dispatch its events itself
 */
export function wrapEvents (events: any, taints: Taints): void {
  beforeEvent(events, 'peer:update', detail => {
    // in what the peer was before, libp2p 3 puts the objects of whoever writes
    taints.mark(addressesIn(detail?.peer?.addresses), echo, detail?.peer?.id)
  })
  beforeEvent(events, 'connection:open', connection => {
    // whoever connects chooses where from
    if (connection?.direction === 'inbound') {
      taints.mark(addressesIn([connection.remoteAddr]), { source: SOURCE.observed }, connection.remotePeer)
    }
  })
  beforeEvent(events, 'peer:identify', detail => {
    taints.mark([...addressesIn(detail?.listenAddrs), ...addressesIn(detail?.signedPeerRecord?.addresses)], echo, detail?.peerId)
  })
}

/** Multiaddrs, or objects with one each */
function addressesIn (list: unknown): Multiaddr[] {
  return Array.isArray(list) ? list.map(one => one?.multiaddr ?? one).filter(isMultiaddr) : []
}
