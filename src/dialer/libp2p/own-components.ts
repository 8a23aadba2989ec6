import type { DialerComponents } from '../dialer-init.ts'
import type { DialAddressBook, DialComponents } from '../../pipeline/types.ts'

/** Copied once: libp2p's own components are a slow proxy that throws on names it does not know */
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
    // a service that may be made after this one: there are all by the time of the first dial
    get addressBook () {
      known ??= { book: bookOf(components) }

      return typeof known.book?.query === 'function' ? known.book : undefined
    }
  }
}

/** None where the node has none: libp2p's components throw then */
function bookOf (components: DialerComponents): DialAddressBook | undefined {
  try {
    return components.addressBook
  } catch {}
}
