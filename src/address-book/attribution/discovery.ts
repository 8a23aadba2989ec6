import type { Testimony } from './observer.ts'
import type { Taints } from './taints.ts'

/**
 * Marks the addresses of a module's `peer` events before anybody hears of them. libp2p stores them from its listener
 *
 * @throws where the module does not dispatch its events itself
 */
export function wrapDiscovery (discovery: any, testimony: () => Testimony, taints: Taints): void {
  const { dispatchEvent } = discovery

  if (typeof dispatchEvent !== 'function') {
    throw new Error('its events cannot be seen')
  }

  discovery.dispatchEvent = (event: any) => {
    if (event?.type === 'peer') {
      taints.markInfo(event.detail, testimony())
    }

    return dispatchEvent.call(discovery, event)
  }
}
