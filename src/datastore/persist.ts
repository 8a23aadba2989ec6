import { InvalidParametersError } from '@libp2p/interface'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

interface PersistInit {
  /** What is kept, as users configure it: `bans` */
  readonly what: string
  /** The option. True is an error without a datastore; undefined is the default, where there is one */
  readonly persist: boolean | undefined
  readonly isDefault: boolean
  readonly log: Logger
}

/** Datastores of which it was logged that they are in memory */
const warned = new WeakSet<Datastore>()

/**
 * Returns the datastore of a node to keep something in; undefined: it is not kept. Logs an error where it is in memory, and the user thinks
 * that it lasts
 *
 * @throws InvalidParametersError for `persist: true` where the node has no datastore
 */
export function datastoreFor (components: { readonly datastore?: Datastore }, { what, persist, isDefault, log }: PersistInit): Datastore | undefined {
  if (!(persist ?? isDefault)) {
    return
  }

  const datastore = datastoreOf(components)

  if (persist === true && datastore == null) {
    throw new InvalidParametersError(`${what}.persist needs a datastore, and this node has none: pass one to createLibp2p()`)
  }

  // by name, since a node may have another copy of datastore-core
  if (persist === true && datastore?.constructor.name === 'MemoryDatastore' && !warned.has(datastore)) {
    warned.add(datastore)
    log.error('%s.persist keeps nothing over a restart: the datastore of this node is in memory. Pass one that lasts to createLibp2p()', what)
  }

  return datastore
}

function datastoreOf (components: { readonly datastore?: Datastore }): Datastore | undefined {
  try {
    // libp2p's components throw where there is none
    return typeof components.datastore?.batch === 'function' ? components.datastore : undefined
  } catch {}
}
