import { candidate } from '../../pipeline/candidate.ts'
import type { DialBans } from '../../pipeline/types.ts'
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'

interface Guarded {
  connectionGater: ConnectionGater
}

/** By the components of a node */
const guards = new WeakMap<Guarded, Guard>()

/**
 * Denies connections from and to those who are banned. The node's gater is not touched, because several nodes may share it:
 * another stands in its place, and asks it about the rest
 *
 * @returns what undoes it, when nobody else on the node wants it any more
 */
export function guard (components: Guarded, bans: DialBans): () => void {
  const there = guards.get(components) ?? new Guard(components)
  there.bans.add(bans)

  return () => {
    there.bans.delete(bans)
    there.leave()
  }
}

/** The bans of one dialer, and of those that are attached to its node: the dials that a detached one finishes heed both */
export function bansOf (components: Guarded, own: DialBans): DialBans {
  return {
    reasonFor: subject => own.reasonFor(subject) ?? guards.get(components)?.reasonFor(subject, own)
  }
}

class Guard {
  /** Of the dialers that are attached */
  readonly bans = new Set<DialBans>()
  readonly #components: Guarded
  readonly #gater: ConnectionGater
  readonly #guarding: ConnectionGater

  constructor (components: Guarded) {
    const gater = components.connectionGater

    // an outbound one may be to an address that does not say whose it is
    const hooks: ConnectionGater = {
      denyInboundConnection: async maConn => this.#isBanned(maConn) || (await gater.denyInboundConnection?.(maConn) ?? false),
      denyInboundEncryptedConnection: async (peer, maConn) => this.#isBanned(maConn, peer) || (await gater.denyInboundEncryptedConnection?.(peer, maConn) ?? false),
      denyOutboundEncryptedConnection: async (peer, maConn) => this.#isBanned(maConn, peer) || (await gater.denyOutboundEncryptedConnection?.(peer, maConn) ?? false)
    }

    this.#components = components
    this.#gater = gater
    this.#guarding = new Proxy(gater, {
      get: (_, name) => {
        const value = Reflect.get(gater, name)

        return Reflect.get(hooks, name) ?? (typeof value === 'function' ? value.bind(gater) : value)
      }
    })

    components.connectionGater = this.#guarding
    guards.set(components, this)
  }

  leave (): void {
    if (this.bans.size === 0 && this.#components.connectionGater === this.#guarding) {
      this.#components.connectionGater = this.#gater
      guards.delete(this.#components)
    }
  }

  /** @param except bans that the caller has asked already */
  reasonFor (subject: Parameters<DialBans['reasonFor']>[0], except?: DialBans): string | undefined {
    for (const bans of this.bans) {
      const reason = bans === except ? undefined : bans.reasonFor(subject)

      if (reason != null) {
        return reason
      }
    }
  }

  #isBanned ({ remoteAddr }: MultiaddrConnection, peer?: PeerId): boolean {
    return this.reasonFor(candidate(remoteAddr, peer)) != null
  }
}
