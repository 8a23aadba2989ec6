import { checkArguments, checkOptions } from '../src/pipeline/check-options.ts'
import { FINITE_MILLISECONDS } from '../src/pipeline/option-kinds.ts'
import {
  backoff, blackHole, byHistory, byLocalHearsay, converge, dialable, fromCaller, fromKnown, fromRouting, gater, giveUp, libp2pOrder, localHearsayLater,
  oddsPace, pipeline, provenance, quota, race, resolve, scope, take
} from '../src/stages/index.ts'

export interface AdaptiveInit {
  /**
   * Milliseconds of waiting that one dial is worth. A higher value makes fewer dials
   *
   * @default 30
   */
  costPerDial?: number | undefined
}

/**
 * Returns the default preset: the addresses of libp2p's own dialer, in the order and at the times that the node's history suggests.
 *
 * - The address with the best chance for its time starts first. The next one starts when the attempts in flight are likely to fail.
 * - Addresses that failed lately come last, and so do UDP or IPv6 addresses while that path is blocked. If the peer is most likely offline, its
 *   remaining addresses are not tried. Addresses that the caller named are exempt from these rules.
 * - The node's `addressSorter`, if any, decides the order instead of the history.
 * - Beyond a few for each source, addresses from the DHT and from routers come last. Their local addresses come last too. If this node and the
 *   reporter are on the internet, local addresses are not dialled at all.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`.
 *
 * @param init the cost of a dial
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function adaptive (init: AdaptiveInit = {}) {
  checkArguments('adaptive()', arguments, 1)
  checkOptions('adaptive()', init, { costPerDial: FINITE_MILLISECONDS })

  return pipeline(
    fromCaller(),
    fromKnown({ when: 'empty' }),
    fromRouting({ when: 'stale' }),
    resolve(),
    provenance(),
    dialable(),
    scope(),
    gater(),
    blackHole(),
    backoff(),
    giveUp(),
    libp2pOrder(),
    byHistory(init),
    quota({ excess: 'last' }),
    byLocalHearsay(),
    take(),
    oddsPace(init),
    localHearsayLater(),
    race(),
    converge()
  )
}
