import { InvalidParametersError, serviceCapabilities } from '@libp2p/interface'
import { checkArguments, checkValue } from '../../pipeline/check-options.ts'
import { FUNCTION } from '../../pipeline/option-kinds.ts'
import { CLAIMED_SOURCE } from '../../pipeline/source-kinds.ts'
import type { Source } from '../../pipeline/sources.ts'

/** A module that writes to the peer store through a view of its own */
export interface Writer {
  /** The name for logs */
  name: string
  /** The source of addresses that the module writes without a tag. Undefined: unknown */
  source?: Source
  /** The source of addresses in signed records that the module writes, if it differs from `source` */
  record?: Source
  /** Whether the peers themselves report what the module writes of them */
  isReportedByPeer?: boolean
  /** Whether the writer is the user, who may remove addresses of the user */
  readonly isUser?: boolean
  /** Whether libp2p's own dialer writes through this view: an address with the time of a success is one that answered */
  readonly isCore?: boolean
}

interface Role extends Pick<Writer, 'source' | 'record' | 'isReportedByPeer'> {
  /** The source of addresses that remote peers have the module dial */
  readonly dialSource?: Source
}

/** The roles by the name that a module gives itself. `withSource()` covers other modules */
const roles: Record<string, Role> = {
  '@libp2p/identify': { source: 'identify', isReportedByPeer: true },
  '@libp2p/identify-push': { source: 'identify', isReportedByPeer: true },
  // kad-dht itself writes providers that announced themselves, and reports of other peers are tagged
  '@libp2p/kad-dht': { source: 'dht', isReportedByPeer: true },
  '@libp2p/bootstrap': { source: 'bootstrap' },
  '@libp2p/mdns': { source: 'mdns' },
  // direct peers are configured, and a peer exchange comes with signed records
  '@libp2p/gossipsub': { source: 'bootstrap', record: 'pubsub' },
  // the module writes the relay's part of a circuit address as an address of the relay
  '@libp2p/circuit-relay-v2-transport': { source: 'derived' },
  '@libp2p/autonat': { dialSource: 'autonat' },
  '@libp2p/autonat-v2': { dialSource: 'autonat' },
  '@libp2p/dcutr': { dialSource: 'dcutr' },
  // the dialer only writes addresses that have answered
  'libp2p-dial-pipeline': { source: 'dialled' }
}

/** Returns the role of a module. Empty if the table does not have it */
export function roleOf (module: any): Role {
  return [module[Symbol.toStringTag], ...module[serviceCapabilities] ?? []].map(name => roles[name]).find(role => role != null) ?? {}
}

/** The sources of `withSource()`, by factory */
const sources = new WeakMap<object, Source>()

/**
 * Names the source of a module that this package does not know: a discovery of your own, or a service that writes to the peer store or dials
 *
 * @param source the source of the module's addresses
 * @param factory the factory of the module
 * @returns a factory that replaces the given one in the node's init
 * @throws InvalidParametersError for a source that is empty, misspelt, above 256 characters, `certified` or `dialled`, and for a factory that is not
 * a function
 */
export function withSource<Components, Module> (source: Source, factory: (components: Components) => Module): (components: Components) => Module {
  checkArguments('withSource()', arguments, 2, undefined, InvalidParametersError)
  checkValue('withSource()', source, CLAIMED_SOURCE, InvalidParametersError)
  checkValue('withSource()', factory, FUNCTION, InvalidParametersError)
  const named = (components: Components): Module => factory(components)
  sources.set(named, source)

  return named
}

export function sourceOf (factory: object): Source | undefined {
  return sources.get(factory)
}
