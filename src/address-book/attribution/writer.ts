import { serviceCapabilities } from '@libp2p/interface'
import type { Source } from '../../pipeline/sources.ts'

/** Who writes to the peer store through one view of it */
export interface Writer {
  /** For people to read */
  name: string
  /** The source of addresses that it writes and nobody else has said. Undefined: nobody knows */
  source?: Source
  /** The source of addresses in the signed records that it hands over, where that is another one */
  record?: Source
  /** What it writes of a peer, the peer itself has told it */
  isToldByPeer?: boolean
  /** The user's writes may take away what the user gave */
  readonly isUser?: boolean
  /** libp2p's own dialer writes with it: an address with the time of a success is one that answered */
  readonly isCore?: boolean
}

interface Role extends Pick<Writer, 'source' | 'record' | 'isToldByPeer'> {
  /** The source of addresses that the module dials, where a remote peer names them */
  readonly dialSource?: Source
}

/** By the name that a module gives itself. What is missing here can be told by `withSource` */
const roles: Record<string, Role> = {
  '@libp2p/identify': { source: 'identify', isToldByPeer: true },
  '@libp2p/identify-push': { source: 'identify', isToldByPeer: true },
  // its own writes are of providers that announced themselves; what it was told of others is tagged
  '@libp2p/kad-dht': { source: 'dht', isToldByPeer: true },
  '@libp2p/bootstrap': { source: 'bootstrap' },
  '@libp2p/mdns': { source: 'mdns' },
  // its direct peers are configured, those of a peer exchange come in signed records
  '@libp2p/gossipsub': { source: 'bootstrap', record: 'pubsub' },
  // the beginning of a circuit address, taken for an address of the relay
  '@libp2p/circuit-relay-v2-transport': { source: 'derived' },
  '@libp2p/autonat': { dialSource: 'autonat' },
  '@libp2p/autonat-v2': { dialSource: 'autonat' },
  '@libp2p/dcutr': { dialSource: 'dcutr' },
  // an address that answered
  'libp2p-dial-pipeline': { source: 'dialled' }
}

/** Returns the role of a module. Empty where the table does not have it */
export function roleOf (module: any): Role {
  return [module[Symbol.toStringTag], ...module[serviceCapabilities] ?? []].map(name => roles[name]).find(role => role != null) ?? {}
}
