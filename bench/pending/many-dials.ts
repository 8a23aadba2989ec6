import { setImmediate as nextTurn } from 'node:timers/promises'
import { targets } from '../targets.ts'
import { flatten } from './heap.ts'
import type { HangingNode } from './node.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface ManyDialsInit {
  count: number
  /** The number of addresses of each dial */
  addresses: number
  /** Whether each caller has its own signal */
  hasSignals?: boolean
}

/** Dials of different peers. It counts the rejected ones, and allocates targets and signals before the first dial */
export class ManyDials {
  readonly targets: Multiaddr[][]
  readonly #signals: AbortSignal[]
  readonly #promises: Array<Promise<unknown>>
  rejected = 0

  constructor ({ count, addresses, hasSignals = false }: ManyDialsInit) {
    this.targets = targets(count, addresses)
    this.targets.flat().forEach(flatten)
    this.#signals = hasSignals ? this.targets.map(() => new AbortController().signal) : []
    // preallocated: the growth of an array would be measured
    this.#promises = Array.from({ length: count })
  }

  async enqueue (node: HangingNode): Promise<void> {
    for (let i = 0; i < this.targets.length; i++) {
      const signal = this.#signals[i]
      this.#promises[i] = node.dial(this.targets[i] as Multiaddr[], signal == null ? undefined : { signal })
    }

    await nextTurn()
  }

  async settled (): Promise<void> {
    await Promise.all(this.#promises.map(async promise => promise.catch(() => { this.rejected++ })))
  }
}
