// Keeps a node inside its local network. Guide: docs/guides/private-networks.md
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { candidate, filter, lookup } from 'libp2p-dial-pipeline/stages'
import type { Candidate } from 'libp2p-dial-pipeline/stages'
import type { Libp2pOptions } from 'libp2p'

const LOCAL = new Set(['private', 'loopback', 'link-local'])

/** Returns whether an address leads to this machine or its network. A relay may lead out of it */
export function isLocal ({ facts }: Candidate): boolean {
  return LOCAL.has(facts.scope) && !facts.isRelayed
}

/** `lookup()` stands above the filter, which then judges the IP addresses of names */
export const lanOnly = adaptive()
  .after('resolve', lookup())
  .after('dialable', filter('lan-only', one => isLocal(one) || 'not in the local network'))

/** Starts a node that neither dials nor accepts an address outside of its network */
export async function startLanOnly (options: Libp2pOptions) {
  return createLibp2p({
    ...options,
    connectionGater: { ...options.connectionGater, denyInboundConnection: ({ remoteAddr }) => !isLocal(candidate(remoteAddr)) },
    services: { dialer: dialer(lanOnly) }
  })
}
