import { InvalidParametersError } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** @throws InvalidParametersError where a node has none */
export function datastoreOf (components: { readonly datastore?: Datastore }, what: string): Datastore {
  let datastore: Datastore | undefined

  try {
    datastore = components.datastore
  } catch {
    // libp2p's components throw where there is none
  }

  if (typeof datastore?.batch !== 'function') {
    throw new InvalidParametersError(`${what}.persist needs a datastore, and this node has none: pass one to createLibp2p()`)
  }

  return datastore
}
