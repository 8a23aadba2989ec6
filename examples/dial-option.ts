// A dial option of your own, which a filter reads. Guide: docs/guides/add-a-dial-option.md
import { dialer } from 'libp2p-dial-pipeline'
import { staggered } from 'libp2p-dial-pipeline/presets'
import { filter } from 'libp2p-dial-pipeline/stages'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'

declare module 'libp2p-dial-pipeline' {
  interface StageOptions {
    /** Hosts that the dial may use. Default: all */
    allowHosts?: readonly string[]
  }
}

/** Drops addresses of hosts that are not in the dial option `allowHosts` */
export const allowHosts = filter('allow-hosts', ({ facts }, { options: { allowHosts } }) => {
  return allowHosts == null || allowHosts.includes(facts.host ?? '') || 'a host that the option allowHosts does not name'
}, { options: ['allowHosts'] })

/** For the node's `services: { dialer: careful }` */
export const careful = dialer(staggered().after('resolve', allowHosts))

/** Dials a peer at one host only */
export async function dialAt (node: Libp2p, peer: PeerId, host: string): Promise<Connection> {
  return node.dial(peer, { allowHosts: [host] })
}
