import { candidate } from '../../pipeline/candidate.ts'
import type { DialerComponents } from '../dialer-init.ts'
import type { DialAddressBook, DialBans, DialComponents } from '../../pipeline/types.ts'
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'

interface Guarded {
  connectionGater: ConnectionGater
}

/** The bans of the attached dialer, by the components of its node */
const attached = new WeakMap<Guarded, DialBans>()

/** The node's own gater behind each wrapper: a dial asks it directly, because reading a member of a wrapper makes a function */
const unguarded = new WeakMap<ConnectionGater, ConnectionGater>()

/** Copies the node's components once: libp2p's own object is a slow proxy that throws on unknown names */
export function ownComponents (components: DialerComponents, own: Pick<DialComponents, 'clock' | 'settings' | 'history' | 'convergence' | 'surroundings'> & { readonly bans: DialBans }): DialComponents {
  const { peerId, peerStore, peerRouting, transportManager, connectionManager, events, logger, metrics, dns } = components

  return {
    peerId,
    peerStore,
    peerRouting,
    transportManager,
    connectionManager,
    events,
    logger,
    metrics,
    dns,
    ...own,
    // read each time, because other code may replace the node's gater
    get connectionGater () {
      const { connectionGater } = components

      return unguarded.get(connectionGater) ?? connectionGater
    },
    // the address book is read late and once, because libp2p may make it after this service. Every service exists by the first dial
    get addressBook () {
      const value = bookOf(components)
      Object.defineProperty(this, 'addressBook', { value, enumerable: true })

      return value
    }
  }
}

/** Returns the address book. Undefined when the node has none: libp2p's components throw then */
function bookOf (components: DialerComponents): DialAddressBook | undefined {
  try {
    const { addressBook } = components

    return typeof addressBook?.query === 'function' ? addressBook : undefined
  } catch {}
}

/**
 * Denies connections from and to banned peers. Replaces the node's gater with a wrapper, because several nodes may share the gater itself
 *
 * @param own the components of the dialer's dials
 * @returns a function that restores the gater. The last dials then obey the bans of the next dialer too
 */
export function guardGater (components: Guarded, own: { bans?: DialBans }, bans: DialBans): () => void {
  const gater = components.connectionGater
  const isBanned = ({ remoteAddr }: MultiaddrConnection, peer?: PeerId): boolean => attached.get(components) === bans && bans.reasonFor(candidate(remoteAddr, peer)) != null

  // outbound connections too, because the address of a dial may not include the peer id
  const hooks: ConnectionGater = {
    denyInboundConnection: async maConn => isBanned(maConn) || (await gater.denyInboundConnection?.(maConn) ?? false),
    denyInboundEncryptedConnection: async (peer, maConn) => isBanned(maConn, peer) || (await gater.denyInboundEncryptedConnection?.(peer, maConn) ?? false),
    denyOutboundEncryptedConnection: async (peer, maConn) => isBanned(maConn, peer) || (await gater.denyOutboundEncryptedConnection?.(peer, maConn) ?? false)
  }
  const guarding = new Proxy(gater, {
    get: (_, name) => {
      const value = Reflect.get(gater, name)

      return Reflect.get(hooks, name) ?? (typeof value === 'function' ? value.bind(gater) : value)
    }
  })

  unguarded.set(guarding, gater)
  attached.set(components, bans)
  components.connectionGater = guarding

  return () => {
    own.bans = { reasonFor: subject => bans.reasonFor(subject) ?? attached.get(components)?.reasonFor(subject) }

    // another dialer may be attached now
    if (attached.get(components) === bans) {
      attached.delete(components)
    }

    // other code may have replaced the gater since
    if (components.connectionGater === guarding) {
      components.connectionGater = gater
    }
  }
}
