import { InvalidParametersError } from '@libp2p/interface'
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

/**
 * Replaces the dialer of a node that exists already, started or not; `detach()` gives it back
 *
 * @throws InvalidParametersError for what is not a node that `createLibp2p` made
 * @throws IncompatibleConnectionManagerError where the node's dialer cannot be replaced
 */
export function attach (node: object, pipeline: DialPipeline, init: DialerInit = {}): Dialer {
  const { components, status } = node as { components?: DialerComponents, status?: string }

  if (components == null) {
    throw new InvalidParametersError('attach() needs a node that createLibp2p() made: this object has no components')
  }

  const dialer = new Dialer(components, pipeline, init)

  if (status === 'starting' || status === 'started') {
    dialer.start()
  }

  return dialer
}
