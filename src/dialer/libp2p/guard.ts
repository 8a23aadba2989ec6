import { candidate } from '../../pipeline/candidate.ts'
import type { DialBans } from '../../pipeline/types.ts'
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'

interface Guarded {
  connectionGater: ConnectionGater
}

/** By the components of a node: the bans of the dialer that is attached */
const attached = new WeakMap<Guarded, DialBans>()

/** The bans of one dialer, and of the one that is attached to its node: the dials that a detached one finishes heed both */
export function bansOf (components: Guarded, own: DialBans): DialBans {
  return {
    reasonFor: subject => {
      const others = attached.get(components)

      return own.reasonFor(subject) ?? (others === own ? undefined : others?.reasonFor(subject))
    }
  }
}

/**
 * Denies connections from and to those who are banned. The node's gater is not touched, because several nodes may share it:
 * another stands in its place, and asks it about the rest
 *
 * @returns what undoes it
 */
export function guard (components: Guarded, bans: DialBans): () => void {
  const gater = components.connectionGater
  const isBanned = ({ remoteAddr }: MultiaddrConnection, peer?: PeerId): boolean => attached.get(components) === bans && bans.reasonFor(candidate(remoteAddr, peer)) != null

  // an outbound one may be to an address that does not say whose it is
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

  attached.set(components, bans)
  components.connectionGater = guarding

  return () => {
    // another dialer may be attached by now
    if (attached.get(components) === bans) {
      attached.delete(components)
    }

    // or somebody else stands in its place
    if (components.connectionGater === guarding) {
      components.connectionGater = gater
    }
  }
}
