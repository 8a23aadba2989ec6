import { Dialer } from './dialer.ts'
import type { DialerComponents, DialerInit } from './dialer.ts'
import type { DialPipeline } from '../pipeline/types.ts'

/**
 * A libp2p service that replaces the node's dialer
 *
 * @throws IncompatibleConnectionManagerError when the node is made, where its dialer cannot be replaced
 */
export function dialer (pipeline: DialPipeline, init: DialerInit = {}): (components: DialerComponents) => Dialer {
  return components => new Dialer(components, pipeline, init)
}

/** What `attach` needs of a node: `createLibp2p` makes such */
export interface NodeWithComponents {
  components: DialerComponents
}

/** Replaces the dialer of a node that exists already, started or not; `detach()` gives it back */
export function attach (node: object, pipeline: DialPipeline, init: DialerInit = {}): Dialer {
  return new Dialer((node as NodeWithComponents).components, pipeline, init)
}
