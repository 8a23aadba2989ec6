import { dialable, filter, fromCaller, fromPeerStore, gater, pace, pipeline, race, source, stage, take } from '../../src/stages/index.ts'
import type { AttemptLayer } from '../../src/index.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Counts the generators of a pipeline that have begun and have not ended */
export class Generators {
  begun = 0
  ended = 0

  /** Whether the source goes on for as long as the dial does. A dial that fails ends only if it does not */
  endless = true

  get running (): number {
    return this.begun - this.ended
  }

  /** Starts every address at once, that is 10 ms after the one before; a source, and what flows between the stages, is counted */
  pipeline (attempt?: readonly AttemptLayer[]) {
    return pipeline(
      fromCaller(),
      // a transport dials a relay by its peer id
      fromPeerStore({ when: 'empty' }),
      this.#flow('above'),
      source('counted-source', dial => this.#count(this.#wait(dial.signal))),
      dialable(),
      gater(),
      filter('slow', async () => true),
      this.#flow('between'),
      take(),
      pace('at-once', () => ({ untried: [candidate], now }) => candidate == null ? undefined : { candidate, at: now }),
      this.#flow('below'),
      race({ attempt })
    )
  }

  /** Finds nothing */
  async * #wait (signal: AbortSignal): AsyncGenerator<Multiaddr> {
    yield * []

    if (this.endless && !signal.aborted) {
      await new Promise<void>(resolve => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
    }
  }

  #flow<const N extends string> (name: N) {
    return stage({ name, accepts: ['candidates'], yields: 'candidates', run: lists => this.#count(lists) })
  }

  async * #count<T> (items: AsyncIterable<T>): AsyncGenerator<T> {
    this.begun++

    try {
      yield * items
    } finally {
      this.ended++
    }
  }
}
