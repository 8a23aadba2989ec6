import { candidate } from '../../pipeline/candidate.ts'
import type { DialBans } from '../../pipeline/types.ts'
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'

interface Guarded {
  connectionGater: ConnectionGater
}

/** The bans of the attached dialer, by the components of its node */
const attached = new WeakMap<Guarded, DialBans>()

/** Returns bans that combine a dialer's own with those of the attached dialer: the last dials of a detached dialer obey both */
export function bansOf (components: Guarded, own: DialBans): DialBans {
  return {
    reasonFor: subject => {
      const others = attached.get(components)

      return own.reasonFor(subject) ?? (others === own ? undefined : others?.reasonFor(subject))
    }
  }
}

/**
 * Denies connections from and to banned peers. Replaces the node's gater with a wrapper, because several nodes may share the gater itself
 *
 * @returns a function that restores the gater
 */
export function guardGater (components: Guarded, bans: DialBans): () => void {
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

  attached.set(components, bans)
  components.connectionGater = guarding

  return () => {
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
