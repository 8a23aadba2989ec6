import { beforeEvent } from './before-event.ts'
import type { Testimony } from './observer.ts'
import type { Taints } from './taints.ts'

/**
 * Marks the addresses of a module's `peer` events before anybody hears of them. libp2p stores them from its listener
 *
 * @throws where the module does not dispatch its events itself
 */
export function wrapDiscovery (discovery: any, testimony: () => Testimony, taints: Taints): void {
  beforeEvent(discovery, 'peer', detail => { taints.markInfo(detail, testimony()) })
}
