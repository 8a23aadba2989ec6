import { checkArguments, checkOptions } from '../src/pipeline/check-options.ts'
import { FINITE_MILLISECONDS } from '../src/pipeline/option-kinds.ts'
import { pipeline } from '../src/pipeline/pipeline.ts'
import { backoff } from '../src/stages/backoff.ts'
import { blackHole } from '../src/stages/black-hole.ts'
import { byHistory } from '../src/stages/by-history.ts'
import { converge } from '../src/stages/converge.ts'
import { dialable } from '../src/stages/dialable.ts'
import { fromCaller } from '../src/stages/from-caller.ts'
import { fromKnown } from '../src/stages/from-known.ts'
import { fromRouting } from '../src/stages/from-routing.ts'
import { gater } from '../src/stages/gater.ts'
import { giveUp } from '../src/stages/give-up.ts'
import { libp2pOrder } from '../src/stages/libp2p-order.ts'
import { localHearsayLater, byLocalHearsay } from '../src/stages/local-hearsay.ts'
import { oddsPace } from '../src/stages/odds-pace.ts'
import { provenance } from '../src/stages/provenance.ts'
import { quota } from '../src/stages/quota.ts'
import { race } from '../src/stages/race.ts'
import { resolve } from '../src/stages/resolve.ts'
import { scope } from '../src/stages/scope.ts'
import { take } from '../src/stages/take.ts'

export interface AdaptiveInit {
  /**
   * Milliseconds of waiting that one dial is worth. A higher value makes fewer dials
   *
   * @default 30
   */
  costPerDial?: number
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
