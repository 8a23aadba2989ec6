import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { cand } from '../testing/try-out.ts'
import type { Attempt, AttemptLayer, AttemptOptions } from '../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The behaviour of an attempt under a layer */
export type Doing = (options: AttemptOptions, nth: number) => Promise<Connection>

export interface Layered {
  clock: VirtualClock
  controller: AbortController
  /** The times at which the attempt was started */
  begun: number[]
  done: Promise<Connection>
}

export const connection = { remoteAddr: cand(1).multiaddr } as unknown as Connection

/** Runs one attempt through layers. The first layer is the outermost */
export function layered (layers: readonly AttemptLayer[], doing: Doing): Layered {
  const clock = new VirtualClock(0)
  const controller = new AbortController()
  const begun: number[] = []
  const attempt: Attempt = async (_candidate, options) => {
    begun.push(clock.now())

    return doing(options, begun.length)
  }
  const done = layers.reduceRight((next, layer) => layer(next), attempt)(cand(1), {
    signal: controller.signal,
    clock,
    timeout: 6_000,
    onStart: () => {},
    onFirstResponse: () => {}
  })
  done.catch(() => {})

  return { clock, controller, begun, done }
}
