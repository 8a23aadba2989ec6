import { InvalidParametersError } from '@libp2p/interface'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

interface PersistInit {
  /** The name of the data, as users configure it: `bans` */
  readonly what: string
  /** The option `persist`. True without a datastore is an error. Undefined means `isDefault` */
  readonly persist: boolean | undefined
  readonly isDefault: boolean
  readonly log: Logger
}

/** The datastores in memory that were logged already */
const warned = new WeakSet<Datastore>()

/**
 * Returns the datastore of a node for some data. Undefined: the data is not stored. Logs an error if `persist` is true and the datastore is in memory
 *
 * @throws InvalidParametersError for `persist: true` if the node has no datastore
 */
export function datastoreFor (components: { readonly datastore?: Datastore }, { what, persist, isDefault, log }: PersistInit): Datastore | undefined {
  if (!(persist ?? isDefault)) {
    return
  }

  const datastore = datastoreOf(components)

  if (persist === true && datastore == null) {
    throw new InvalidParametersError(`${what}.persist needs a datastore, and this node has none: pass one to createLibp2p()`)
  }

  // compared by name, because a node may have another copy of datastore-core
  if (persist === true && datastore?.constructor.name === 'MemoryDatastore' && !warned.has(datastore)) {
    warned.add(datastore)
    log.error('%s.persist keeps nothing over a restart: the datastore of this node is in memory. Pass one that lasts to createLibp2p()', what)
  }

  return datastore
}

function datastoreOf (components: { readonly datastore?: Datastore }): Datastore | undefined {
  try {
    // libp2p's `components` is a Proxy that throws when code reads a component which the node does not have
    return typeof components.datastore?.batch === 'function' ? components.datastore : undefined
  } catch {}
}
