import type { DialerComponents } from '../dialer-init.ts'
import type { DialAddressBook, DialComponents } from '../../pipeline/types.ts'

/** Copied once: libp2p's own components are a slow proxy that throws on names it does not know */
export function ownComponents (components: DialerComponents, own: Pick<DialComponents, 'clock' | 'settings' | 'history' | 'bans' | 'convergence' | 'surroundings'>): DialComponents {
  const { peerId, peerStore, peerRouting, transportManager, connectionManager, connectionGater, events, logger, dns } = components
  let known: { book?: DialAddressBook } | undefined

  return {
    peerId,
    peerStore,
    peerRouting,
    transportManager,
    connectionManager,
    connectionGater,
    events,
    logger,
    dns,
    ...own,
    // a service that may be made after this one: there are all by the time of the first dial
    get addressBook () {
      known ??= { book: bookOf(components) }

      return known.book
    }
  }
}

function bookOf (components: DialerComponents): DialAddressBook | undefined {
  try {
    const { addressBook } = components

    return typeof addressBook?.query === 'function' ? addressBook : undefined
  } catch {
    // the node has none
  }
}
