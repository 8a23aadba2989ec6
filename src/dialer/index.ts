import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { oneOf } from '../pipeline/option-kinds.ts'
import { safeLog } from '../pipeline/safe-log.ts'
import { checkConnects, checkConverges } from './dials/pipelines.ts'
import { checkInit } from './dialer-init.ts'
import { Dialer } from './dialer.ts'
import type { DialerComponents, DialerInit } from './dialer-init.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { Whole } from '../pipeline/stage-order.ts'
import type { DialPipeline } from '../pipeline/types.ts'

const NODE: OptionKind = { expected: 'a node that createLibp2p() made', test: value => (value as { components?: unknown } | null)?.components != null }

export interface OrElse<E extends 'libp2p' | undefined> {
  /** Keeps libp2p's own dialer when the node's dialer cannot be replaced. Default: an error */
  orElse?: E
}

/** The type of the service when the node's dialer cannot be replaced */
type OrNone<E> = E extends 'libp2p' ? undefined : never

/**
 * Returns a libp2p service that replaces the node's dialer.
 *
 * By default a node whose dialer cannot be replaced throws when it is made: libp2p's own dialer would dial addresses that the pipeline
 * refuses. With `{ orElse: 'libp2p' }` that node keeps libp2p's own dialer, logs an error, and its service is undefined.
 *
 * @example
 *
 * ```ts
 * const node = await createLibp2p({ services: { dialer: dialer(adaptive()) } })
 * ```
 *
 * @param pipeline a preset, or a pipeline that ends with connections
 * @param init the settings of the dialer. The node's `connectionManager` settings keep their meaning
 * @throws InvalidParametersError for an unknown or wrong option
 * @throws InvalidPipelineError for a pipeline that cannot dial
 * @throws IncompatibleConnectionManagerError when the node is made and its dialer cannot be replaced
 */
export function dialer<const P, E extends 'libp2p' | undefined = undefined> (pipeline: Whole<P>, init: DialerInit & OrElse<E> = {}): (components: DialerComponents) => Dialer | OrNone<E> {
  checkArguments('dialer()', arguments, 2, undefined, InvalidParametersError)
  checkInit('dialer', init, { orElse: oneOf('libp2p') })
  const whole = pipeline as DialPipeline
  checkConnects(whole)
  checkConverges('dialer', whole, init.convergence)
  const { orElse, ...rest } = init

  return (components): any => {
    try {
      return new Dialer(components, whole, rest)
    } catch (err: any) {
      if (orElse !== 'libp2p' || err.name !== 'IncompatibleConnectionManagerError') {
        throw err
      }

      safeLog(components.logger, 'libp2p:dial-pipeline').error('libp2p\'s own dialer dials, and no policy of the pipeline holds - %e', err)
    }
  }
}

/**
 * Replaces the dialer of an existing node, started or not. `detach()` restores libp2p's own dialer
 *
 * @param node a node that `createLibp2p()` returned
 * @throws InvalidParametersError for an unknown or wrong option, and for a value that is not a node of `createLibp2p()`
 * @throws InvalidPipelineError for a pipeline that cannot dial
 * @throws IncompatibleConnectionManagerError when the node's dialer cannot be replaced
 */
export function attach (node: object, pipeline: DialPipeline, init: DialerInit = {}): Dialer {
  checkArguments('attach()', arguments, 3, undefined, InvalidParametersError)
  checkInit('attach', init)
  checkValue('attach()', node, NODE, InvalidParametersError)
  checkConnects(pipeline, 'attach(node, adaptive())')
  checkConverges('attach', pipeline, init.convergence)
  const { components, status } = node as { components: DialerComponents, status?: string }

  const dialer = new Dialer(components, pipeline, init)

  if (status === 'starting' || status === 'started') {
    dialer.start()
  }

  return dialer
}
