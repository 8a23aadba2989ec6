import { pipeline } from '../src/pipeline/pipeline.ts'
import { backoff } from '../src/stages/backoff.ts'
import { blackHole } from '../src/stages/black-hole.ts'
import { byHistory } from '../src/stages/by-history.ts'
import { dialable } from '../src/stages/dialable.ts'
import { fromCaller } from '../src/stages/from-caller.ts'
import { fromPeerStore } from '../src/stages/from-peer-store.ts'
import { fromRouting } from '../src/stages/from-routing.ts'
import { gater } from '../src/stages/gater.ts'
import { libp2pOrder } from '../src/stages/libp2p-order.ts'
import { oddsPace } from '../src/stages/odds-pace.ts'
import { race } from '../src/stages/race.ts'
import { resolve } from '../src/stages/resolve.ts'
import { take } from '../src/stages/take.ts'

export interface AdaptiveInit {
  /**
   * Milliseconds of waiting that one more dial may cost
   *
   * @default 30
   */
  lambda?: number
}

/**
 * The addresses of libp2p's own dialer, in the order and at the times that the node's history suggests: what is likely to
 * answer first and alone, what is likely to be dead side by side. What has just failed is left alone for a while, and so is
 * UDP or IPv6 where nothing comes through; both only where the caller did not name the address
 */
export function adaptive (init: AdaptiveInit = {}) {
  return pipeline(
    fromCaller(),
    fromPeerStore({ when: 'empty' }),
    fromRouting({ when: 'exhausted' }),
    resolve(),
    dialable(),
    gater(),
    blackHole(),
    backoff(),
    libp2pOrder(),
    byHistory(init),
    take(),
    oddsPace(init),
    race()
  )
}
