import type { DialerComponents } from '../dialer-init.ts'
import type { DialAddressBook, DialComponents } from '../../pipeline/types.ts'

/** Copies the node's components once: libp2p's own object is a slow proxy that throws on unknown names */
export function ownComponents (components: DialerComponents, own: Pick<DialComponents, 'clock' | 'settings' | 'history' | 'bans' | 'convergence' | 'surroundings'>): DialComponents {
  const { peerId, peerStore, peerRouting, transportManager, connectionManager, connectionGater, events, logger, metrics, dns } = components
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
    metrics,
    dns,
    ...own,
    // read late, because libp2p may make that service after this one. Every service exists by the first dial
    get addressBook () {
      known ??= { book: bookOf(components) }

      return typeof known.book?.query === 'function' ? known.book : undefined
    }
  }
}

/** Returns the address book. Undefined when the node has none: libp2p's components throw then */
function bookOf (components: DialerComponents): DialAddressBook | undefined {
  try {
    return components.addressBook
  } catch {}
}
